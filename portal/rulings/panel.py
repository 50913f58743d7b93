"""From a panel's tally to the ruling: outcome, reasons that cite, orders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from portal.cases.state import Case
from portal.errors import sentence as _
from portal.events import Event, Owed, Reason, Remedy, RulingIssued
from portal.rulebook import VERSIONS
from portal.rulings.orders import execute, owed_of
from portal.words import REFUNDS
from reviewers.ballot import Ballot
from reviewers.tally import SIDES, Tally

MOST_REASONS = 4


def rule(case: Case, result: Tally, ballots: Sequence[Ballot], now: datetime) -> tuple[Event, ...]:
    """RULING_ISSUED and what carries it out."""
    remedy = result.remedy or "DISMISS"
    refund_fen = result.refund_fen if remedy in REFUNDS else 0
    ruling = RulingIssued(
        outcome=result.outcome,
        basis="PANEL",
        remedy=remedy,
        refund_fen=refund_fen,
        return_goods=remedy == "REFUND_RETURN" and refund_fen > 0,
        owed=_owed(case, result),
        reasons=_reasons(result, ballots),
        clause=VERSIONS[case.claim.rules_version].clause(1 if result.decided else 6),
        counts=dict(result.counts),
        dissent=result.dissent,
    )
    return (ruling, *execute(case, ruling, now))


def _owed(case: Case, result: Tally) -> tuple[Owed, ...]:
    if result.decided != "SUPPORT":
        return ()
    beyond = [r for r in case.claim.remedies if r.code not in REFUNDS]
    in_kind = [r for r in beyond if r.amount_fen is None and result.outcome == "UPHELD"]
    return owed_of((*_money(case, beyond, result.compensation_fen), *in_kind))


def _money(case: Case, beyond: Sequence[Remedy], granted_fen: int) -> Iterator[Remedy]:
    """Each claimed sum under its own name; a part of the whole goes by the claim's basis."""
    claimed = case.claimed
    if granted_fen == claimed.compensation_fen:
        yield from (r for r in beyond if r.amount_fen)
    elif granted_fen and claimed.compensation_code:
        yield Remedy(claimed.compensation_code, granted_fen)


def _reasons(result: Tally, ballots: Sequence[Ballot]) -> tuple[Reason, ...]:
    """The deciding side's own words with their citations, those that cite most first."""
    if result.decided is None:
        return (Reason(_NO_MAJORITY[result.why]),)
    winners = [b for b in ballots if SIDES[b.choice] == result.decided]
    chosen = sorted(winners, key=lambda b: (-len(b.citations), b.seat))[:MOST_REASONS]
    return tuple(Reason(b.text, tuple(b.citations)) for b in chosen)


_NO_MAJORITY = {
    "NO_QUORUM": _("到期时作出判断的票数不到席位的三分之二。"),
    "TOO_MANY_CANNOT_DETERMINE": _("超过三分之一的评审员认为证据不足。"),
    "TIE": _("支持与不支持票数相同。"),
}
