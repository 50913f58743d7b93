"""What the records show of ties between reviewers and the two sides of one case.

Only ties that touch this case are read, whatever the size of the pool: own accounts and purchases,
and what was declared, imported or observed (ReviewerTie).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import starmap

from sqlalchemy import ColumnElement, Select, exists, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.accounts.tables import Account
from portal.cases.state import Case
from portal.cases.tables import CaseRow
from portal.orders.tables import OrderRow
from portal.panels.tables import ReviewerTie
from reviewers.eligibility import NO_TIES, Conflict, Parties, Profile, conflict

DIGESTS = ("ADDRESS", "DEVICE")
BOUGHT = "BOUGHT"


@dataclass(frozen=True)
class Tie:
    """One tie of a reviewer; kinds as in ReviewerTie, and BOUGHT for a purchase in this shop."""

    reviewer_id: str
    kind: str
    value: str


def parties_of(session: Session, case: Case, busy: frozenset[str] = frozenset()) -> Parties:
    """The two sides; nobody who was on an earlier panel of the case is drawn for the next."""
    claim = case.claim
    at_home = _digests(session, case)
    return Parties(
        buyer_ref=claim.buyer_ref,
        merchant_id=claim.merchant_id,
        shop_id=claim.shop_id,
        busy=busy,
        prior=case.sat_before,
        devices=frozenset(t.value for t in at_home if t.kind == "DEVICE"),
        addresses=frozenset(t.value for t in at_home if t.kind == "ADDRESS"),
    )


def profiles(session: Session, case: Case) -> dict[str, Profile]:
    """Everybody with an account, those with a tie to this case with that tie."""
    query = select(Account.reviewer_id).where(Account.reviewer_id.is_not(None), Account.active)
    known = dict.fromkeys(filter(None, session.scalars(query)), NO_TIES)
    return known | {i: p for i, p in related(session, case).items() if i in known}


def related(
    session: Session, case: Case, only: Collection[str] | None = None
) -> dict[str, Profile]:
    """The reviewers (all, or those named) who have a tie to this case."""
    found: dict[str, list[Tie]] = defaultdict(list)
    for tie in _ties(session, case, only):
        found[tie.reviewer_id].append(tie)
    return {reviewer_id: _profile(ties) for reviewer_id, ties in found.items()}


def late_conflicts(session: Session, case: Case) -> dict[str, Conflict]:
    """Conflicts of those who sit now, as the records show them today: some come up late."""
    sitting = [seat.reviewer_id for seat in case.seats if seat.reviewer_id]
    claim, at_home = case.claim, parties_of(session, case)
    parties = Parties(
        claim.buyer_ref,
        claim.merchant_id,
        claim.shop_id,
        devices=at_home.devices,
        addresses=at_home.addresses,
    )
    ties = related(session, case, sitting)
    found = {one: conflict(one, ties.get(one, NO_TIES), parties) for one in sitting}
    return {one: code for one, code in found.items() if code}


def _ids(case: Case) -> tuple[str, str, str]:
    return (case.claim.buyer_ref, case.claim.merchant_id, case.claim.shop_id)


def _profile(ties: list[Tie]) -> Profile:
    by_kind: dict[str, set[str]] = defaultdict(set)
    for tie in ties:
        by_kind[tie.kind].add(tie.value)
    own = by_kind["BUYER_REF"] | by_kind["SHOP"]
    return Profile(
        buyer_ref=next(iter(by_kind["BUYER_REF"]), None),
        merchant_ids=frozenset(by_kind["MERCHANT"]),
        relatives_of=frozenset(by_kind["RELATIVE_OF"]),
        worked_for=frozenset(by_kind["WORKED_FOR"]),
        bought_from=frozenset(by_kind[BOUGHT]),
        devices=frozenset(by_kind["DEVICE"]),
        addresses=frozenset(by_kind["ADDRESS"]),
        declared=dict.fromkeys(by_kind["COMPETITOR"], str(Conflict.COMPETITOR))
        | dict.fromkeys(own, str(Conflict.SAME_PARTY)),
    )


def _ties(session: Session, case: Case, only: Collection[str] | None) -> Iterator[Tie]:
    at_home = [tie.value for tie in _digests(session, case)]
    told = ReviewerTie.value.in_(_ids(case)) & ReviewerTie.kind.not_in(DIGESTS)
    seen = ReviewerTie.value.in_(at_home) & ReviewerTie.kind.in_(DIGESTS)
    named = _told().where(told | seen, _among(ReviewerTie.reviewer_id, only))
    yield from starmap(Tie, session.execute(named))
    yield from _of_accounts(session, case, only)
    for query in _purchases(case):
        for reviewer_id in session.scalars(query.where(_among(Account.reviewer_id, only))):
            yield Tie(reviewer_id, BOUGHT, case.claim.shop_id)
    for query in _told_purchases(case):
        for reviewer_id in session.scalars(query.where(_among(ReviewerTie.reviewer_id, only))):
            yield Tie(reviewer_id, BOUGHT, case.claim.shop_id)


def _of_accounts(session: Session, case: Case, only: Collection[str] | None) -> Iterator[Tie]:
    buyer_ref, merchant_id, shop_id = _ids(case)
    query = select(Account).where(
        Account.reviewer_id.is_not(None), _stands_on_a_side(case), _among(Account.reviewer_id, only)
    )
    for account in session.scalars(query):
        who = account.reviewer_id or ""
        if account.buyer_ref == buyer_ref:
            yield Tie(who, "BUYER_REF", buyer_ref)
        if account.merchant_id == merchant_id:
            yield Tie(who, "MERCHANT", merchant_id)
        if account.shop_id == shop_id:
            yield Tie(who, "WORKED_FOR", shop_id)


def _stands_on_a_side(case: Case) -> ColumnElement[bool]:
    buyer_ref, merchant_id, shop_id = _ids(case)
    return or_(
        Account.buyer_ref == buyer_ref,
        Account.merchant_id == merchant_id,
        Account.shop_id == shop_id,
    )


def _purchases(case: Case) -> Iterator[Select[tuple[str]]]:
    """Reviewers whose own account bought in this shop, by orders and by cases on record. One look
    for each reviewer, however much the shop has sold."""
    for table in (OrderRow, CaseRow):
        bought = _bought(table, Account.buyer_ref, case)
        yield select(Account.reviewer_id).where(Account.reviewer_id.is_not(None), bought)


def _told_purchases(case: Case) -> Iterator[Select[tuple[str]]]:
    """The same for buyers' references that are known as a reviewer's by another way."""
    for table in (OrderRow, CaseRow):
        bought = _bought(table, ReviewerTie.value, case)
        yield select(ReviewerTie.reviewer_id).where(ReviewerTie.kind == "BUYER_REF", bought)


def _bought(
    table: type[OrderRow] | type[CaseRow],
    buyer_ref: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
    case: Case,
) -> ColumnElement[bool]:
    return exists().where(table.buyer_ref == buyer_ref, table.shop_id == case.claim.shop_id)


def _digests(session: Session, case: Case) -> tuple[Tie, ...]:
    """Addresses and devices of those reviewers who are a side of this case themselves."""
    on_a_side = select(Account.reviewer_id).where(_stands_on_a_side(case))
    own = ReviewerTie.kind.in_(("BUYER_REF", "MERCHANT", "SHOP"))
    told = select(ReviewerTie.reviewer_id).where(own, ReviewerTie.value.in_(_ids(case)))
    owner = ReviewerTie.reviewer_id
    query = _told().where(ReviewerTie.kind.in_(DIGESTS), owner.in_(on_a_side) | owner.in_(told))
    return tuple(starmap(Tie, session.execute(query)))


def _told() -> Select[tuple[str, str, str]]:
    return select(ReviewerTie.reviewer_id, ReviewerTie.kind, ReviewerTie.value)


def _among(
    column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
    only: Collection[str] | None,
) -> ColumnElement[bool]:
    return true() if only is None else column.in_(only)
