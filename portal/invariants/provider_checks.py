"""Checks against the provider's own word: its log where it can be asked for it, else its bills."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.books.accounts import CLEARING, clearing
from portal.books.tables import JOURNAL_LINE
from portal.cases.tables import EntryRow
from portal.history import ERASED, load_case
from portal.invariants.excused import Excused, excused, known
from portal.invariants.finding import Finding, Known, found
from portal.invariants.provider_log import ProvidersLog, refund_no_of
from portal.reconciling.tables import DayRow, DifferenceRow, PaidRow
from portal.refunds.state import attempt_no
from portal.refunds.tables import CallRow, MovementRow
from portal.streams import case_stream

UNDER_WAY = ("SUBMITTED", "PROCESSING", "ABNORMAL")
OUTSIDE = (clearing(""), clearing("offline"))
BATCH = 1000


def by_bills(session: Session) -> dict[str, Finding]:
    """I6 and I16 without the provider's log: ledger, journal and bill of each day, orphan rows."""
    days, closed = session.execute(select(DayRow)).scalars().all(), excused(session)
    red = list(_red_days(days, closed))
    books = list(_days_that_differ(session))
    return {
        "I6": found("I6", [*red, *books], len(days)),
        "I16": found("I16", _orphans(session, closed), sum(day.rows for day in days)),
    }


def _red_days(days: Sequence[DayRow], closed: Excused) -> Iterator[str | Known]:
    """A day is known when each of its differences is closed; our own books are nobody's to close:
    where ledger and journal disagree it is red."""
    for day in days:
        if _agree(day):
            continue
        words, name = closed.of_day(day.provider, day.day), f"{day.provider} {day.day}"
        whole = day.ledger_fen == day.journal_fen and len(words) == day.differences
        yield from (known(f"{name}: {w.event.number}", w) for w in words) if whole else (name,)


def _agree(day: DayRow) -> bool:
    billed = day.bill_fen == day.journal_fen or not day.bill_digest or not day.differences
    return billed and day.ledger_fen == day.journal_fen


def _orphans(session: Session, closed: Excused) -> Iterator[str | Known]:
    query = select(DifferenceRow.id, DifferenceRow.number).where(
        DifferenceRow.kind == "ORPHAN", DifferenceRow.gone_at.is_(None)
    )
    for row_id, number in session.execute(query.execution_options(yield_per=BATCH)):
        word = closed.by_row.get(row_id)
        yield known(number, word) if word else number


def _days_that_differ(session: Session) -> Iterator[str]:
    """What the ledger calls paid against what the journal cleared, by provider; of an erased case
    the journal alone is left."""
    paid = select(PaidRow.provider, func.sum(PaidRow.amount_fen))
    standing = paid.where(PaidRow.reversed.is_(False)).group_by(PaidRow.provider)
    by_ledger = {clearing(provider): fen for provider, fen in session.execute(standing)}
    line = JOURNAL_LINE.c
    cleared = select(line.account, func.sum(line.amount_fen)).group_by(line.account)
    erased = select(EntryRow.stream).where(EntryRow.code == ERASED)
    of_providers = cleared.where(
        line.account.startswith(f"{CLEARING}:"), (case_stream("") + line.case_no).not_in(erased)
    )
    by_journal = {account: fen for account, fen in session.execute(of_providers) if fen}
    for account in sorted(by_ledger.keys() | by_journal.keys()):
        if by_ledger.get(account, 0) != by_journal.get(account, 0):
            yield account


def by_log(session: Session, log: ProvidersLog) -> dict[str, Finding]:
    """I6, I9 and I16 against the provider's log."""
    moved, asked, closed = list(log.moved()), list(log.asked()), excused(session)
    rows = {row.refund_no: row for row in session.scalars(select(MovementRow))}
    sums: Counter[str] = Counter()
    for move in moved:
        sums[refund_no_of(move.number)] += move.amount_fen if move.standing else 0
    strange = [move for move in moved if not _is_ours(move.number, rows)]
    orphans = [
        known(move.number, word) if word else move.number for move, word in closed.of_moves(strange)
    ]
    requests = Counter(request.number for request in asked)
    return {
        "I6": found("I6", _sums_that_differ(session, sums, rows, closed), len(moved)),
        "I9": found("I9", _unintended(session, requests, closed), len(asked)),
        "I16": found("I16", orphans, len(moved)),
    }


def _is_ours(number: str, rows: dict[str, MovementRow]) -> bool:
    row = rows.get(refund_no_of(number))
    attempt = number.rpartition("a")[2]
    return row is not None and attempt.isdecimal() and 1 <= int(attempt) <= row.attempt


def _sums_that_differ(
    session: Session, moved: Counter[str], rows: dict[str, MovementRow], closed: Excused
) -> Iterator[str | Known]:
    """By movement: what the provider paid, and what the journal says it cleared. An attempt that
    is still under way may have been paid without our knowing."""
    cleared, excesses = _cleared(session), closed.of_movements()
    for refund_no, row in rows.items():
        paid, booked = moved[refund_no], cleared.get(refund_no, 0)
        unknown = row.state in UNDER_WAY and paid in (0, row.amount_fen)
        if paid == booked or unknown:
            continue
        what = f"{refund_no}: {paid} / {booked}"
        excess, word = excesses.get(refund_no, (0, None))
        yield known(what, word) if word and excess == paid - booked else what


def _cleared(session: Session) -> dict[str, int]:
    """By movement, through providers; what people handed over outside no provider knows of."""
    line = JOURNAL_LINE.c
    query = select(line.refund_no, func.sum(line.amount_fen)).group_by(line.refund_no)
    of_providers = line.account.startswith(f"{CLEARING}:"), line.account.not_in(OUTSIDE)
    return dict(session.execute(query.where(*of_providers)).all())


def _unintended(session: Session, requests: Counter[str], closed: Excused) -> Iterator[str | Known]:
    """The ledger's intents count, where our rows know of fewer: they may come from a copy."""
    query = select(CallRow.number, func.count()).where(CallRow.kind == "SUBMIT")
    ours = dict(session.execute(query.group_by(CallRow.number)).all())
    for number, times in requests.items():
        if times > ours.get(number, 0) and times > (meant := _intended(session, number)):
            what, word = f"{number}: {times} > {meant}", closed.of_number(number)
            yield known(what, word) if word else what


def _intended(session: Session, number: str) -> int:
    row = session.get(MovementRow, refund_no_of(number))
    movement = load_case(session, row.case_no).movement(row.refund_no) if row else None
    if movement is None:
        return 0
    asked = (event for event, _at in movement.states if event.state == "SUBMITTED")
    return sum(attempt_no(event.refund_no, event.attempt) == number for event in asked)
