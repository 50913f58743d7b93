"""What a ruling grants, as a panel's count or an officer's word gives it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portal.cases.state import Case
from portal.events import Owed, Remedy, RulingIssued
from portal.rulings.orders import owed_of
from portal.words import REFUNDS
from reviewers.tally import Tally


@dataclass(frozen=True)
class Granted:
    """Amounts in fen; both are 0 and the remedy is DISMISS when nothing is granted."""

    outcome: str
    remedy: str = "DISMISS"
    refund_fen: int = 0
    compensation_fen: int = 0


def granted_by(result: Tally) -> Granted:
    """What the count gives."""
    remedy = result.remedy or "DISMISS"
    refund_fen = result.refund_fen if remedy in REFUNDS else 0
    return Granted(result.outcome, remedy, refund_fen, result.compensation_fen)


def owed_by(case: Case, granted: Granted) -> tuple[Owed, ...]:
    """Everything beyond the refund, under the names that the claim gives it."""
    if granted.outcome not in ("UPHELD", "PARTLY_UPHELD"):
        return ()
    beyond = [r for r in case.claim.remedies if r.code not in REFUNDS]
    in_kind = [r for r in beyond if r.amount_fen is None and granted.outcome == "UPHELD"]
    return owed_of((*_money(case, beyond, granted.compensation_fen), *in_kind))


def _money(case: Case, beyond: Sequence[Remedy], granted_fen: int) -> Iterator[Remedy]:
    """Each claimed sum under its own name; a part of the whole goes by the claim's basis."""
    claimed = case.claimed
    if granted_fen == claimed.compensation_fen:
        yield from (r for r in beyond if r.amount_fen)
    elif granted_fen and claimed.compensation_code:
        yield Remedy(claimed.compensation_code, granted_fen)


def grants_the_same(one: RulingIssued, other: RulingIssued) -> bool:
    """Whether two rulings come to the same for both sides; who bears which share is not asked."""
    return _substance(one) == _substance(other)


def _substance(ruling: RulingIssued) -> tuple[object, ...]:
    owed = tuple((each.code, each.amount_fen) for each in ruling.owed)
    return ruling.outcome, ruling.remedy, ruling.refund_fen, ruling.return_goods, owed
