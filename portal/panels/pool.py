"""Who may judge a case: the enrolled pool less the conflicts that the data shows."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.tables import Account
from portal.cases.state import Case
from portal.cases.tables import CaseRow, EntryRow
from portal.panels.commands import CallPanel
from portal.panels.tables import ReviewerRow
from portal.streams import POOL
from reviewers.eligibility import Parties, Profile, screen
from reviewers.pool import Reviewer, Stratum


def call_for(session: Session, case: Case) -> CallPanel:
    """The command that calls a panel, from the pool as it is projected now."""
    rows = session.scalars(select(ReviewerRow).order_by(ReviewerRow.reviewer_id)).all()
    pool = [Reviewer(r.reviewer_id, Stratum(r.stratum), r.weight, tuple(r.fields)) for r in rows]
    claim = case.claim
    parties = Parties(claim.buyer_ref, claim.merchant_id, claim.shop_id)
    eligible = screen(pool, parties, profiles(session))
    return CallPanel(
        case_no=claim.case_no,
        candidates={str(s): tuple(who) for s, who in eligible.candidates.items()},
        exclusions=dict(Counter(str(code) for _id, code in eligible.exclusions)),
        pool_length=_pool_length(session),
    )


def profiles(session: Session) -> list[Profile]:
    """What accounts and earlier cases tell of each reviewer."""
    reviewers = session.scalars(select(Account).where(Account.reviewer_id.is_not(None))).all()
    refs = [account.buyer_ref for account in reviewers if account.buyer_ref]
    bought: dict[str, set[str]] = {}
    for ref, shop in session.execute(
        select(CaseRow.buyer_ref, CaseRow.shop_id).where(CaseRow.buyer_ref.in_(refs))
    ):
        bought.setdefault(ref, set()).add(shop)
    return [_profile(account, bought) for account in reviewers]


def _profile(account: Account, bought: dict[str, set[str]]) -> Profile:
    return Profile(
        reviewer_id=account.reviewer_id or "",
        buyer_ref=account.buyer_ref,
        merchant_ids=frozenset(filter(None, [account.merchant_id])),
        worked_for=frozenset(filter(None, [account.shop_id])),
        bought_from=frozenset(bought.get(account.buyer_ref or "", ())),
    )


def _pool_length(session: Session) -> int:
    query = select(EntryRow.seq).where(EntryRow.stream == POOL).order_by(EntryRow.seq.desc())
    newest = session.scalar(query.limit(1))
    return 0 if newest is None else newest + 1
