"""What the ballots of one panel add up to (package docstring, "Count")."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from reviewers.ballot import Ballot, Choice, Claimed
from reviewers.errors import TallyRefused
from reviewers.parties import PARTIES, scale
from reviewers.remedies import STATUTORY, intrusiveness
from reviewers.tracks import quorum

Side = Literal["SUPPORT", "REJECT"]
Why = Literal["NO_QUORUM", "TOO_MANY_CANNOT_DETERMINE", "TIE", "MAJORITY"]
Outcome = Literal["UPHELD", "PARTLY_UPHELD", "REJECTED", "REFUSED_TO_RULE"]

SIDES: Mapping[Choice, Side | None] = {
    Choice.SUPPORT_CLAIMANT: "SUPPORT",
    Choice.PARTIAL: "SUPPORT",
    Choice.SUPPORT_RESPONDENT: "REJECT",
    Choice.CANNOT_DETERMINE: None,
}


@dataclass(frozen=True, slots=True)
class Tally:
    """The result of a count; as_fields() is what the record keeps.

    `valid` ballots of which `quorum_needed` were needed; `counts` holds every choice. Amounts
    are fen and 0 unless support decided. `dissent` lists the seats that voted for the side
    that lost. `needs_officer`: a statutory compensation was granted and waits for an
    officer's confirmation. `liability` is basis points by party, 10,000 together; empty when
    nothing was decided or no share found a middle.
    """

    quorum_needed: int
    valid: int
    counts: Mapping[str, int]
    decided: Side | None
    why: Why
    outcome: Outcome
    remedy: str | None
    refund_fen: int
    compensation_fen: int
    dissent: tuple[int, ...]
    needs_officer: bool = False
    liability: Mapping[str, int] = field(default_factory=dict)

    def as_fields(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self) | {
            "counts": dict(self.counts),
            "dissent": list(self.dissent),
            "liability": dict(self.liability),
        }


def tally(ballots: Iterable[Ballot], seats: int, claimed: Claimed) -> Tally:
    """Count the valid ballots of a panel of `seats`; their order does not matter.

    The caller leaves out ballots that did not open or did not decode. Raises TallyRefused
    for two ballots from one seat, or a ballot from a seat the panel does not have.
    """
    cast = sorted(ballots, key=lambda ballot: ballot.seat)
    _refuse_strangers(cast, seats)
    counted = Counter(ballot.choice for ballot in cast)
    side, why = _decide(counted, quorum(seats))
    granted = _grant(cast, seats, claimed) if side == "SUPPORT" else _Grant()
    return Tally(
        quorum_needed=quorum(seats),
        valid=len(cast),
        counts={choice.value: counted[choice] for choice in Choice},
        decided=side,
        why=why,
        outcome=_outcome(side, granted, claimed),
        remedy=granted.remedy,
        refund_fen=granted.refund_fen,
        compensation_fen=granted.compensation_fen,
        dissent=tuple(one.seat for one in cast if side and SIDES[one.choice] not in (side, None)),
        needs_officer=claimed.compensation_code in STATUTORY and granted.compensation_fen > 0,
        liability=_liability(cast) if side else {},
    )


@dataclass(frozen=True, slots=True)
class _Grant:
    remedy: str | None = None
    refund_fen: int = 0
    compensation_fen: int = 0


def _refuse_strangers(cast: Sequence[Ballot], seats: int) -> None:
    seen: set[int] = set()
    for ballot in cast:
        if not 1 <= ballot.seat <= seats:
            raise TallyRefused("UNKNOWN_SEAT", ballot.seat)
        if ballot.seat in seen:
            raise TallyRefused("DUPLICATE_SEAT", ballot.seat)
        seen.add(ballot.seat)


def _decide(counted: Counter[Choice], needed: int) -> tuple[Side | None, Why]:
    support = counted[Choice.SUPPORT_CLAIMANT] + counted[Choice.PARTIAL]
    reject = counted[Choice.SUPPORT_RESPONDENT]
    if counted.total() < needed:
        return None, "NO_QUORUM"
    if 3 * counted[Choice.CANNOT_DETERMINE] > counted.total():
        return None, "TOO_MANY_CANNOT_DETERMINE"
    if support == reject:
        return None, "TIE"
    return ("SUPPORT" if support > reject else "REJECT"), "MAJORITY"


def _grant(cast: Sequence[Ballot], seats: int, claimed: Claimed) -> _Grant:
    deciding = [ballot for ballot in cast if SIDES[ballot.choice]]
    worth = [worth_of(ballot, claimed) for ballot in deciding]
    return _Grant(
        remedy=_remedy(deciding, claimed),
        refund_fen=lower_median([refund for refund, _ in worth]),
        compensation_fen=_compensation([extra for _, extra in worth], seats, claimed),
    )


def worth_of(ballot: Ballot, claimed: Claimed) -> tuple[int, int]:
    """(refund, compensation) of one ballot: the side voted for outranks the amounts written."""
    if ballot.choice == Choice.SUPPORT_CLAIMANT:
        return claimed.refund_fen, claimed.compensation_fen
    if ballot.choice == Choice.SUPPORT_RESPONDENT:
        return 0, 0
    return (
        _within(ballot.amount_fen, claimed.refund_fen),
        _within(ballot.compensation_fen, claimed.compensation_fen),
    )


def _within(amount_fen: int, ceiling_fen: int) -> int:
    return max(0, min(amount_fen, ceiling_fen))


def lower_median(amounts: Sequence[int]) -> int:
    """The middle one, of two middle ones the lower."""
    return sorted(amounts)[(len(amounts) - 1) // 2]


def _compensation(amounts: Sequence[int], seats: int, claimed: Claimed) -> int:
    # A finding of fraud weighs more than a price: two thirds of all seats, not of those who voted.
    granting = sum(amount > 0 for amount in amounts)
    if claimed.compensation_code in STATUTORY and granting < quorum(seats):
        return 0
    return lower_median(amounts)


def _liability(cast: Sequence[Ballot]) -> dict[str, int]:
    """Per party the lower median of the shares that deciding ballots state, made to add up."""
    stated = [one.liability for one in cast if SIDES[one.choice] and one.liability]
    if not stated:
        return {}
    return scale({p: lower_median([one.get(p, 0) for one in stated]) for p in PARTIES})


def _remedy(deciding: Sequence[Ballot], claimed: Claimed) -> str:
    votes = Counter(
        _remedy_of(ballot, claimed) for ballot in deciding if SIDES[ballot.choice] == "SUPPORT"
    )
    return min(votes, key=lambda remedy: (-votes[remedy], intrusiveness(remedy)))


def _remedy_of(ballot: Ballot, claimed: Claimed) -> str:
    if ballot.choice == Choice.SUPPORT_CLAIMANT:
        return claimed.remedy
    if ballot.remedy is not None:
        return ballot.remedy
    refund_fen, _ = worth_of(ballot, claimed)
    return claimed.remedy if refund_fen == claimed.refund_fen else "PARTIAL_REFUND"


def _outcome(side: Side | None, granted: _Grant, claimed: Claimed) -> Outcome:
    if side is None:
        return "REFUSED_TO_RULE"
    if side == "REJECT":
        return "REJECTED"
    whole = _Grant(claimed.remedy, claimed.refund_fen, claimed.compensation_fen)
    return "UPHELD" if granted == whole else "PARTLY_UPHELD"
