"""Checks over all rows at once: each is a query or two that name what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, groupby, pairwise
from typing import Any

from sqlalchemy import Row, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from portal.books.accounts import RECEIVABLE, Shop
from portal.books.guards import guards_that_lack
from portal.books.tables import (
    JOURNAL_LINE,
    AccountRow,
    DepositRow,
    FundingRow,
    JournalRow,
    RecoupRow,
)
from portal.cases.tables import EntryRow
from portal.formats import BEIJING
from portal.history import ERASED, load_case
from portal.invariants.finding import EXAMPLES, Finding, found
from portal.invariants.movement_checks import transfers_of
from portal.monitors.tables import ItemRow
from portal.refunds.tables import CallRow, MovementRow, PaymentRow, ReservationRow, TurnRow
from portal.streams import case_stream

PAID = ("SUCCESS", "ARRIVED")
ENDED = ("CLOSED", "REFUSED", "REVERSED")  # an attempt, not the movement
SET_ASIDE = ("RESERVED", "SUBMITTED", "PROCESSING", "ABNORMAL", *ENDED)
# Published rules of the providers that limit refunds of one payment (WeChat Pay v3, Douyin Pay).
SPACED = ("wechat", "douyin")
SPACING = timedelta(seconds=60)
MOST_PARTIALS = 50
PRESUMED_AFTER = timedelta(days=9)  # beyond the promised day: presumed arrived, or an item
LONGEST_WAIT = timedelta(days=2)  # of money that is not paid
BATCH = 1000


@dataclass(frozen=True)
class At:
    """When the checks look, and how fresh a step may be to count as still under way."""

    now: datetime
    grace: timedelta


def within_paid(session: Session, at: At) -> Finding:
    """I1: per payment, over all cases and with what the platform paid back on its own; and nothing
    is set aside on a payment that there is not."""
    held, spent = _reserved("HELD"), _reserved("SPENT")
    query = (
        select(PaymentRow.platform, PaymentRow.provider_txn)
        .outerjoin(ReservationRow, _of_payment())
        .group_by(*PaymentRow.__table__.columns)
        .having(
            or_(
                held + spent + PaymentRow.elsewhere_fen > PaymentRow.paid_fen,
                held != PaymentRow.held_fen,
                spent != PaymentRow.spent_fen,
            )
        )
    )
    of_nothing = (
        select(ReservationRow.refund_no)
        .outerjoin(PaymentRow, _of_payment())
        .where(ReservationRow.capped.is_(True), PaymentRow.platform.is_(None))
    )
    problems = [*_names(session, query), *_names(session, of_nothing)]
    return found("I1", problems, _count(session, PaymentRow))


def _reserved(state: str) -> Any:
    amount = case((ReservationRow.state == state, ReservationRow.amount_fen), else_=0)
    return func.coalesce(func.sum(amount), 0)


def _of_payment() -> Any:
    return and_(
        ReservationRow.platform == PaymentRow.platform,
        ReservationRow.provider_txn == PaymentRow.provider_txn,
        ReservationRow.capped.is_(True),
    )


def journal_balances(session: Session, at: At) -> Finding:
    """I5: every transaction sums to zero per currency, the kept sums are the journal's, no line is
    of a case that there is not, and the database refuses to change a line."""
    line = JOURNAL_LINE.c
    unbalanced = (
        select(line.txn).group_by(line.txn, line.currency).having(func.sum(line.amount_fen) != 0)
    )
    sums = select(AccountRow.account).where(
        AccountRow.in_fen - AccountRow.out_fen != _balance(AccountRow.account)
    )
    summed = exists().where(AccountRow.account == line.account)
    unsummed = select(line.account).distinct().where(~summed)
    misnamed = select(AccountRow.account).where(
        ~AccountRow.account.startswith(AccountRow.kind + ":")
    )
    nobodys = _of_no_case(JournalRow.id, JournalRow)
    wrong = (unbalanced, sums, unsummed, misnamed, nobodys)
    named = [name for query in wrong for name in session.scalars(query)]
    return found("I5", [*named, *guards_that_lack(session)], _count(session, JournalRow))


def _of_no_case(name: Any, of: Any) -> Select[Any]:
    """Rows about a case of which the log holds no entry, not even an erased one."""
    stream = case_stream("") + of.case_no
    return select(name).where(~exists().where(EntryRow.stream == stream))


def _balance(account: Any) -> Any:
    line = JOURNAL_LINE.c
    total = select(func.coalesce(func.sum(line.amount_fen), 0)).where(line.account == account)
    return total.scalar_subquery()


def nobody_stuck_unseen(session: Session, at: At) -> Finding:
    """I7: a movement that is not at its end has a next look, or an item with an owner."""
    query = (
        select(MovementRow.refund_no)
        .outerjoin(TurnRow, TurnRow.refund_no == MovementRow.refund_no)
        .where(
            MovementRow.waiting.is_(False),
            ~_has_item(),
            or_(_is_left(at), _is_unheard_of(at)),
        )
    )
    return _found(session, "I7", query, MovementRow)


def _is_left(at: At) -> Any:
    """Not over, and nobody will look. What waits for approval stands in somebody's list."""
    listed = and_(TurnRow.next_at.is_(None), func.coalesce(TurnRow.blocked, "") == "APPROVAL")
    long_ago = MovementRow.heard_at < at.now - at.grace
    left = or_(_is_unplanned(at), _is_put_off(at))
    return and_(MovementRow.over.is_(False), long_ago, left, ~listed)


def _is_unplanned(at: At) -> Any:
    """No look is planned, or one was due long ago."""
    return or_(TurnRow.next_at.is_(None), TurnRow.next_at < at.now - at.grace)


def _is_put_off(at: At) -> Any:
    """What is not paid is looked at every day: a limit of the day is the longest wait."""
    return TurnRow.next_at > at.now + LONGEST_WAIT


def _is_unheard_of(at: At) -> Any:
    """Paid, and neither arrived nor asked about long after the promised day."""
    day = (at.now - PRESUMED_AFTER).astimezone(BEIJING).date().isoformat()
    late = and_(MovementRow.latest != "", MovementRow.latest < day)
    return and_(MovementRow.state == "SUCCESS", late, _is_unplanned(at))


def _has_item() -> Any:
    open_items = select(ItemRow.item_no).where(
        ItemRow.refund_no == MovementRow.refund_no, ItemRow.open_key.is_not(None)
    )
    return open_items.exists()


def nothing_left_reserved(session: Session, at: At) -> Finding:
    """I8: what is paid is spent, what is still to be paid is held, what is over holds nothing; and
    it is the movement's own sum."""
    kept = func.coalesce(ReservationRow.state, "")
    query = (
        select(MovementRow.refund_no)
        .outerjoin(ReservationRow, ReservationRow.refund_no == MovementRow.refund_no)
        .where(
            or_(
                and_(MovementRow.state.in_(PAID), kept != "SPENT"),
                and_(MovementRow.state.in_(SET_ASIDE), kept != "HELD"),
                and_(MovementRow.state == "CANCELLED", kept.in_(("HELD", "SPENT"))),
                and_(MovementRow.state == "PLANNED", kept == "SPENT"),
                ReservationRow.amount_fen != MovementRow.amount_fen,
            )
        )
    )
    nobodys = _of_no_case(ReservationRow.refund_no, ReservationRow)
    problems = [*_names(session, query), *_names(session, nobodys)]
    return found("I8", problems, _count(session, MovementRow))


def calls_of_cases(session: Session, at: At) -> Finding:
    """I9: nobody was asked for money in the name of a case or a movement that there is not."""
    nobodys = _of_no_case(CallRow.number, CallRow).where(CallRow.kind == "SUBMIT")
    stream = case_stream("") + CallRow.case_no
    unordered = select(CallRow.number).where(
        CallRow.kind == "SUBMIT",
        ~exists().where(MovementRow.refund_no == CallRow.refund_no),
        ~exists().where(EntryRow.stream == stream, EntryRow.code == ERASED),
    )
    problems = [*_names(session, nobodys), *_names(session, unordered)]
    return found("I9", dict.fromkeys(problems), _count(session, CallRow))


def within_provider_rules(session: Session, at: At) -> Finding:
    """I13: at most so many refunds of one payment, and a minute between two of them."""
    call, of = CallRow, MovementRow
    query = (
        select(of.platform, of.provider_txn, of.case_no, call.refund_no, call.number, call.sent_at)
        .join(of, of.refund_no == call.refund_no)
        .where(call.kind == "SUBMIT", call.provider.in_(SPACED), of.rail == "REFUND")
        .order_by(of.platform, of.provider_txn, call.sent_at)
        .execution_options(yield_per=BATCH)
    )
    count, suspects = 0, []
    for _payment, group in groupby(session.execute(query), key=lambda row: row[:2]):
        count, calls = count + 1, list(group)
        if any(_beyond_rules(calls)):
            suspects.append(calls)
    problems = (_beyond_rules(_without_transfers(session, calls)) for calls in suspects)
    return found("I13", chain.from_iterable(problems), count)


def _beyond_rules(calls: Sequence[Row[Any]]) -> Iterator[str]:
    if len({call.refund_no for call in calls}) > MOST_PARTIALS:
        yield f"{calls[0].platform}/{calls[0].provider_txn}: > {MOST_PARTIALS}"
    for one, other in pairwise(calls):
        apart = other.sent_at - one.sent_at
        if one.refund_no != other.refund_no and apart < SPACING:
            yield f"{one.refund_no}, {other.refund_no}: {apart.total_seconds():.3f} s"


def _without_transfers(session: Session, calls: Sequence[Row[Any]]) -> list[Row[Any]]:
    """A movement that somebody sent another way is no refund of the payment from then on; only the
    ledger knows since which attempt."""
    cases = {call.case_no for call in calls}
    movements = [m for case_no in cases for m in load_case(session, case_no).movements]
    transfers = {number for movement in movements for number in transfers_of(movement)}
    return [call for call in calls if call.number not in transfers]


def deposits_and_advances(session: Session, at: At) -> Finding:
    """I14: no deposit below zero or beyond what was reported less what was taken, and what is to be
    recouped is what the journal says."""
    left = DepositRow.available_fen - DepositRow.short_fen
    wrong = or_(DepositRow.available_fen < 0, left > DepositRow.reported_fen - _taken())
    problems = [
        *session.scalars(select(DepositRow.shop_id).where(wrong)),
        *_recoups_that_differ(session),
    ]
    return found("I14", problems, _count(session, DepositRow))


def _taken() -> Any:
    """What is held of a deposit, and what was paid out of it since the platform's last word."""
    since = or_(DepositRow.reported_at.is_(None), FundingRow.spent_at > DepositRow.reported_at)
    counts = or_(FundingRow.state == "HELD", and_(FundingRow.state == "SPENT", since))
    mine = FundingRow.platform == DepositRow.platform, FundingRow.shop_id == DepositRow.shop_id
    total = select(func.coalesce(func.sum(FundingRow.deposit_fen), 0)).where(*mine, counts)
    return total.scalar_subquery()


def _recoups_that_differ(session: Session) -> Iterator[str]:
    """Accounts of receivables whose balance is not what is still to come back."""
    rows = session.execute(
        select(RecoupRow.platform, RecoupRow.shop_id, func.sum(_outstanding())).group_by(
            RecoupRow.platform, RecoupRow.shop_id
        )
    )
    owed = {Shop(*shop).account(RECEIVABLE): fen for *shop, fen in rows}
    kept = select(AccountRow.account, AccountRow.in_fen - AccountRow.out_fen)
    balances = dict(session.execute(kept.where(AccountRow.kind == RECEIVABLE)).all())
    for account in sorted(owed.keys() | balances.keys()):
        if owed.get(account, 0) != balances.get(account, 0):
            yield account


def _outstanding() -> Any:
    return RecoupRow.amount_fen - RecoupRow.recouped_fen


def _found(session: Session, name: str, query: Select[Any], of: Any) -> Finding:
    return found(name, _names(session, query), _count(session, of))


def _names(session: Session, query: Select[Any]) -> list[str]:
    return ["/".join(map(str, row)) for row in session.execute(query.limit(EXAMPLES * BATCH))]


def _count(session: Session, of: Any) -> int:
    return session.scalar(select(func.count()).select_from(of)) or 0


ROW_CHECKS: Mapping[str, Callable[[Session, At], Finding]] = {
    "I1": within_paid,
    "I5": journal_balances,
    "I7": nobody_stuck_unseen,
    "I8": nothing_left_reserved,
    "I9": calls_of_cases,
    "I13": within_provider_rules,
    "I14": deposits_and_advances,
}
