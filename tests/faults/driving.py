"""The engine's turns without its threads: what is due is done, then time moves to the next look.

Between two rounds nobody is at work, so the clock never jumps over a call that is under way.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Select, func, select

from portal.duties import SWEPT, due_duties
from portal.engine import Duty
from portal.house import House
from portal.refunds.tables import MovementRow, TurnRow
from portal.rehearsal.moving import move_clock

ROUNDS = 80
FURTHEST = timedelta(days=30)  # a look further ahead waits for people or for the bank


def due_payments(house: House) -> list[Duty]:
    """What the sweep would enqueue now."""
    with house.sessions() as session:
        return [duty for duty in due_duties(session, house.clock) if duty.kind == "PAY"]


def is_due(house: House) -> bool:
    return bool(due_payments(house))


def work(house: House) -> int:
    """One worker's round: every movement that is due, once; returns how many were."""
    house.projection.catch_up()
    due = due_payments(house)
    for duty in due:
        house.duties.perform(duty.kind, duty.case_no, duty.subject)
    return len(due)


def work_all(house: House) -> None:
    """Rounds until nothing is due now."""
    for _round in range(SWEPT):
        if not work(house):
            return
    raise AssertionError("a movement is due again and again without end")


def wait_for_next(house: House, to_the_end: bool = False) -> bool:
    """Move the clock to the next look; False when everything is paid (`to_the_end`: has arrived)
    or only people can go on."""
    with house.sessions() as session:
        next_at = session.scalar(_next_look(to_the_end))
    now = house.clock.now()
    if next_at is None or next_at - now > FURTHEST:
        return False
    if next_at > now:
        move_clock(house.sessions, int((next_at - now).total_seconds()) + 1)
    return True


def _next_look(to_the_end: bool) -> Select[tuple[datetime]]:
    waits = select(func.min(TurnRow.next_at)).join(
        MovementRow, MovementRow.refund_no == TurnRow.refund_no
    )
    # ABNORMAL is asked after for ever, and ended by a person.
    waits = waits.where(TurnRow.blocked == "", MovementRow.state != "ABNORMAL")
    return waits if to_the_end else waits.where(MovementRow.over.is_(False))


def drive(house: House, to_the_end: bool = False) -> None:
    """One worker until every movement is over, or only people can go on."""
    for _round in range(ROUNDS):
        work_all(house)
        if not wait_for_next(house, to_the_end):
            return
    raise AssertionError("money is still under way after so many rounds")
