"""What the sweep of each second asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from portal.cases.tables import CaseRow
from portal.clock import Clock
from portal.duties import FEW, SWEPT, due_duties, sweep
from portal.house import House
from portal.refunds.tables import TurnRow
from tests.houses import file_a_claim, open_house

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def rows_like(house: House, count: int, **changes: object) -> None:
    file_a_claim(house)
    with house.sessions.begin() as session:
        one = session.query(CaseRow).one()
        columns = {c.key: getattr(one, c.key) for c in CaseRow.__table__.columns} | changes
        numbers = (f"MA-2025-{n:06}" for n in range(count))
        session.execute(insert(CaseRow), [columns | {"case_no": number} for number in numbers])


def test_cases_that_wait_for_reviewers_do_not_keep_clocks_from_running_out(tmp_path: Path) -> None:
    house = open_house(tmp_path)
    rows_like(house, SWEPT + 1, state="PANEL_DRAW", todo="SEAT", due_at=None, updated_at=LONG_AGO)
    with house.sessions.begin() as session:
        session.get_one(CaseRow, "MA-2026-000001").due_at = house.clock.now() - timedelta(hours=1)
    with house.sessions() as session:
        kinds = [duty.kind for duty in due_duties(session, house.clock)]
    assert kinds == ["EXPIRE", *["SEAT"] * SWEPT]


def test_what_waits_for_a_worker_is_not_asked_for_again(tmp_path: Path) -> None:
    house = open_house(tmp_path)
    turns_due(house, SWEPT + 1)
    clock = FixedClock(at=house.clock.now())
    assert sweep(house.sessions, house.outbox, clock) == SWEPT
    assert sweep(house.sessions, house.outbox, clock) == 0


def test_behind_many_that_wait_only_the_longest_due_payments_are_asked_for(tmp_path: Path) -> None:
    house = open_house(tmp_path)
    turns_due(house, SWEPT + 1)
    now = house.clock.now()
    assert sweep(house.sessions, house.outbox, FixedClock(at=now)) == SWEPT
    assert sweep(house.sessions, house.outbox, FixedClock(at=now + timedelta(seconds=15))) == FEW


def turns_due(house: House, count: int) -> None:
    turns = [
        {"refund_no": f"R{n:03}", "case_no": f"C{n:03}", "next_at": LONG_AGO, "version": 0}
        for n in range(count)
    ]
    with house.sessions.begin() as session:
        session.execute(insert(TurnRow), turns)


@dataclass(frozen=True)
class FixedClock(Clock):
    """Stands still."""

    at: datetime = LONG_AGO

    def now(self) -> datetime:
        return self.at
