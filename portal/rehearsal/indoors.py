"""Playing inside one process: requests without a network, duties done on the spot."""

from __future__ import annotations

from collections.abc import Callable

import httpx
from apiflask import APIFlask
from sqlalchemy import or_, select

from portal.cases.tables import CaseRow
from portal.house import House
from portal.refunds.tables import TurnRow
from portal.times import stamp

ADDRESS = "http://mingan.invalid"  # never looked up: the transport is a function call


def indoor_client(app: APIFlask) -> httpx.Client:
    """A client whose requests are calls of the application."""
    return httpx.Client(transport=httpx.WSGITransport(app=app), base_url=ADDRESS)


def perform_duties(house: House) -> Callable[[], None]:
    """What the worker would do by now; the same duty done again by a worker does nothing."""

    def perform() -> None:
        now = house.clock.now()
        waiting = or_(CaseRow.todo != "", CaseRow.open.is_(True) & (CaseRow.due_at <= now))
        with house.sessions() as session:
            rows = session.scalars(select(CaseRow).where(waiting)).all()
            turns = session.scalars(select(TurnRow).where(TurnRow.next_at <= now)).all()
        for row in rows:
            due = f"{row.clock}@{stamp(row.due_at)}" if row.due_at else ""
            house.duties.perform(row.todo or "EXPIRE", row.case_no, "" if row.todo else due)
        for turn in turns:
            house.duties.perform("PAY", turn.case_no, turn.refund_no)

    return perform
