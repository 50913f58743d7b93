"""Checks against the provider's own word: its log where it can be asked for it, else its bills."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.books.accounts import CLEARING, clearing
from portal.books.tables import JOURNAL_LINE
from portal.history import load_case
from portal.invariants.finding import Finding, found
from portal.invariants.provider_log import ProvidersLog, refund_no_of
from portal.reconciling.tables import DayRow, DifferenceRow, PaidRow
from portal.refunds.state import attempt_no
from portal.refunds.tables import CallRow, MovementRow

UNDER_WAY = ("SUBMITTED", "PROCESSING", "ABNORMAL")


def by_bills(session: Session) -> dict[str, Finding]:
    """I6 and I16 without the provider's log: ledger, journal and bill of each day, orphan rows."""
    days = session.execute(select(DayRow)).scalars().all()
    red = [f"{day.provider} {day.day}" for day in days if not _agree(day)]
    books = list(_days_that_differ(session))
    orphans = select(DifferenceRow.number).where(
        DifferenceRow.kind == "ORPHAN", DifferenceRow.gone_at.is_(None)
    )
    return {
        "I6": found("I6", [*red, *books], len(days)),
        "I16": found("I16", session.scalars(orphans), sum(day.rows for day in days)),
    }


def _agree(day: DayRow) -> bool:
    billed = day.bill_fen == day.journal_fen or not day.bill_digest or not day.differences
    return billed and day.ledger_fen == day.journal_fen


def _days_that_differ(session: Session) -> Iterator[str]:
    """What the ledger calls paid against what the journal cleared, by provider."""
    paid = select(PaidRow.provider, func.sum(PaidRow.amount_fen))
    standing = paid.where(PaidRow.reversed.is_(False)).group_by(PaidRow.provider)
    by_ledger = {clearing(provider): fen for provider, fen in session.execute(standing)}
    line = JOURNAL_LINE.c
    cleared = select(line.account, func.sum(line.amount_fen)).group_by(line.account)
    of_providers = cleared.where(line.account.startswith(f"{CLEARING}:"))
    by_journal = {account: fen for account, fen in session.execute(of_providers) if fen}
    for account in sorted(by_ledger.keys() | by_journal.keys()):
        if by_ledger.get(account, 0) != by_journal.get(account, 0):
            yield account


def by_log(session: Session, log: ProvidersLog) -> dict[str, Finding]:
    """I6, I9 and I16 against the provider's log."""
    moved, asked = list(log.moved()), list(log.asked())
    rows = {row.refund_no: row for row in session.scalars(select(MovementRow))}
    sums: Counter[str] = Counter()
    for move in moved:
        sums[refund_no_of(move.number)] += move.amount_fen if move.standing else 0
    orphans = [move.number for move in moved if not _is_ours(move.number, rows)]
    requests = Counter(request.number for request in asked)
    return {
        "I6": found("I6", _sums_that_differ(session, sums, rows), len(moved)),
        "I9": found("I9", _unintended(session, requests), len(asked)),
        "I16": found("I16", orphans, len(moved)),
    }


def _is_ours(number: str, rows: dict[str, MovementRow]) -> bool:
    row = rows.get(refund_no_of(number))
    attempt = number.rpartition("a")[2]
    return row is not None and attempt.isdecimal() and 1 <= int(attempt) <= row.attempt


def _sums_that_differ(
    session: Session, moved: Counter[str], rows: dict[str, MovementRow]
) -> Iterator[str]:
    """By movement: what the provider paid, and what the journal says it cleared. An attempt that
    is still under way may have been paid without our knowing."""
    line = JOURNAL_LINE.c
    query = select(line.refund_no, func.sum(line.amount_fen)).group_by(line.refund_no)
    of_providers = line.account.startswith(f"{CLEARING}:"), line.account != clearing("")
    cleared = dict(session.execute(query.where(*of_providers)).all())
    for refund_no, row in rows.items():
        paid, booked = moved[refund_no], cleared.get(refund_no, 0)
        unknown = row.state in UNDER_WAY and paid in (0, row.amount_fen)
        if paid != booked and not unknown:
            yield f"{refund_no}: {paid} / {booked}"


def _unintended(session: Session, requests: Counter[str]) -> Iterator[str]:
    """The ledger's intents count, where our rows know of fewer: they may come from a copy."""
    query = select(CallRow.number, func.count()).where(CallRow.kind == "SUBMIT")
    ours = dict(session.execute(query.group_by(CallRow.number)).all())
    for number, times in requests.items():
        if times > ours.get(number, 0) and times > (meant := _intended(session, number)):
            yield f"{number}: {times} > {meant}"


def _intended(session: Session, number: str) -> int:
    row = session.get(MovementRow, refund_no_of(number))
    movement = load_case(session, row.case_no).movement(row.refund_no) if row else None
    if movement is None:
        return 0
    asked = (event for event, _at in movement.states if event.state == "SUBMITTED")
    return sum(attempt_no(event.refund_no, event.attempt) == number for event in asked)
