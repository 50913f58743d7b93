"""Our own side of a day, streamed: what the ledger and the journal say was paid, and by number
what else we know."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import UTC, datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from portal.books.accounts import clearing
from portal.books.tables import JournalRow
from portal.history import load_case
from portal.reconciling.comparing import BACK_AT_SHOP, PAID, Ours
from portal.reconciling.tables import DayRow, DifferenceRow, PaidRow, StrayRow
from portal.refunds.state import attempt_no, is_to_shop
from portal.refunds.tables import MovementRow
from portal.times import moment

CHUNK = 2000
_ATTEMPT = re.compile(r"([0-9A-Za-z]{1,38})a([0-9]{1,4})", re.ASCII)


def paid_on(session: Session, provider: str, day: str) -> Iterator[tuple[str, str, str, int, bool]]:
    """Refunds paid on that day by the ledger: number, refund_no, case_no, fen, reversed."""
    row = PaidRow
    query = (
        select(row.number, row.refund_no, row.case_no, row.amount_fen, row.reversed)
        .where(row.provider == provider, row.day == day, row.kind == "REFUND")
        .execution_options(yield_per=CHUNK)
    )
    for found in session.execute(query):
        yield found[0], found[1], found[2], found[3], found[4]


def payouts_on(session: Session, provider: str, day: str) -> Iterator[tuple[str]]:
    """Numbers of that day's payouts, which no bill of refunds lists."""
    of_day = PaidRow.provider == provider, PaidRow.day == day, PaidRow.kind != "REFUND"
    query = select(PaidRow.number).where(*of_day)
    for row in session.execute(query.execution_options(yield_per=CHUNK)):
        yield (row[0],)


def listed_elsewhere(session: Session, provider: str, day: str) -> Iterator[tuple[str]]:
    """Numbers of that day which a neighbouring day's bill has."""
    query = select(StrayRow.number).where(StrayRow.provider == provider, StrayRow.our_day == day)
    for row in session.execute(query.execution_options(yield_per=CHUNK)):
        yield (row[0],)


def posted_on(session: Session, provider: str, day: str) -> Iterator[tuple[str, int]]:
    """What the journal has as paid out by the provider on that day, line by line."""
    paid_out = JournalRow.credit == clearing(provider), JournalRow.day == day
    query = select(JournalRow.txn, JournalRow.amount_fen).where(*paid_out)
    for txn, fen in session.execute(query.execution_options(yield_per=CHUNK)):
        yield txn.partition("/")[0], fen


def known(session: Session, numbers: Collection[str], day: str) -> dict[str, Ours]:
    """What we know of numbers that we do not have as paid on `day`, the bill's."""
    named = {number: found for number in numbers if (found := _ATTEMPT.fullmatch(number))}
    refund_nos = {match[1] for match in named.values()}
    rows = select(MovementRow).where(MovementRow.refund_no.in_(refund_nos))
    movements = {row.refund_no: row for row in session.scalars(rows)}
    paid = _paid(session, named, day)
    return {
        number: paid.get(number) or _unpaid(session, movements[match[1]], int(match[2]))
        for number, match in named.items()
        if match[1] in movements
    }


def _paid(session: Session, numbers: Collection[str], day: str) -> dict[str, Ours]:
    rows = session.scalars(select(PaidRow).where(PaidRow.number.in_(numbers))).all()
    return {row.number: _as_paid(row, _is_listed(session, row, day)) for row in rows}


def _as_paid(row: PaidRow, listed: bool) -> Ours:
    known = row.refund_no, row.case_no, row.amount_fen, PAID, row.day, row.reversed
    return Ours(*known, listed)


def _is_listed(session: Session, row: PaidRow, day: str) -> bool:
    """Whether a bill other than that of `day` is known to have it: that of our own day was read to
    its end after we knew of the payment, and did not lack it; or a neighbour's had it."""
    if row.kind != "REFUND":  # which no bill lists
        return False
    stray = session.get(StrayRow, (row.provider, row.number))
    if stray is not None:
        return stray.bill_day != day
    if row.day == day:
        return False
    done = session.get(DayRow, (row.provider, row.day))
    if done is None or not done.bill_digest or _said_at(session, row) >= done.finished_at:
        return False
    lacked = DifferenceRow.kind == "MISSING_IN_BILL", DifferenceRow.number == row.number
    broken = DifferenceRow.kind == "BILL_BROKEN", DifferenceRow.day == row.day
    still = DifferenceRow.provider == row.provider, DifferenceRow.gone_at.is_(None)
    unread = select(DifferenceRow.id).where(*still, or_(and_(*lacked), and_(*broken)))
    return session.scalar(unread.limit(1)) is None


def _said_at(session: Session, row: PaidRow) -> datetime:
    """When our record came to call it paid."""
    movement = load_case(session, row.case_no).movement(row.refund_no)
    steps = movement.states if movement else ()
    paid = (
        moment(at)
        for event, at in steps
        if event.state == "SUCCESS" and attempt_no(row.refund_no, event.attempt) == row.number
    )
    return max(paid, default=datetime.max.replace(tzinfo=UTC))


def _unpaid(session: Session, row: MovementRow, attempt: int) -> Ours:
    """An attempt that is not the movement's current one has ended, or was never ours to make."""
    state = row.state if attempt == row.attempt and row.state != PAID else "ENDED"
    if state in ("CLOSED", "ENDED") and _is_back_at_shop(session, row, attempt):
        state = BACK_AT_SHOP
    return Ours(row.refund_no, row.case_no, row.amount_fen, state, "")


def _is_back_at_shop(session: Session, row: MovementRow, attempt: int) -> bool:
    movement = load_case(session, row.case_no).movement(row.refund_no)
    steps = movement.states if movement else ()
    return any(is_to_shop(event) and event.attempt == attempt for event, _at in steps)
