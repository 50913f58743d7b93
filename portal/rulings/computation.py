"""How the result came about, number by number, from what was opened: the page's "how it adds up".

The result itself is the record's; this lays the same ballots out so that a person can follow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.cases.state import Round
from portal.panels.rules import claimed_of
from portal.rulings.names import seat_name
from reviewers.ballot import Ballot
from reviewers.errors import BallotRefused
from reviewers.parties import PARTIES
from reviewers.tally import SIDES, lower_median, worth_of
from reviewers.tracks import quorum


@dataclass(frozen=True)
class Share:
    """One ballot's number in a sorted row; `chosen` marks the lower median."""

    name: str
    number: int
    chosen: bool


@dataclass(frozen=True)
class Row:
    """A sorted row of numbers: fen, or basis points of one party."""

    shares: tuple[Share, ...]
    median: int


@dataclass(frozen=True)
class Computation:
    """Sides counted, amounts in fen sorted, liability in basis points by party before scaling."""

    seats: int
    needed: int
    valid: int
    support: int
    reject: int
    doubtful: int
    refunds: Row | None
    compensations: Row | None
    liability: tuple[tuple[str, Row], ...]


def computation_of(panel: Round) -> Computation | None:
    """None before the count."""
    if panel.tally is None or panel.called is None:
        return None
    valid = valid_ballots(panel)
    sides = [SIDES[ballot.choice] for ballot in valid]
    seats = sum(panel.called.seats.values())
    granted = panel.tally.result.get("decided") == "SUPPORT"
    worth = _worth(panel, valid) if granted else ()
    return Computation(
        seats=seats,
        needed=quorum(seats),
        valid=len(valid),
        support=sides.count("SUPPORT"),
        reject=sides.count("REJECT"),
        doubtful=sides.count(None),
        refunds=_row([(seat, refund) for seat, refund, _ in worth]),
        compensations=_row([(seat, extra) for seat, _, extra in worth]),
        liability=_liability(valid) if panel.tally.result.get("decided") else (),
    )


def valid_ballots(panel: Round) -> tuple[Ballot, ...]:
    """Those that counted, by seat."""
    shown = sorted(panel.revealed, key=lambda one: one.seat)
    return tuple(Ballot.from_fields(one.ballot) for one in shown if one.valid)


def readable(fields: object) -> Ballot | None:
    """A revealed ballot, also one that did not count; None when nothing of it can be read."""
    try:
        return Ballot.from_fields(fields) if isinstance(fields, dict) else None
    except BallotRefused:
        return None


def _worth(panel: Round, valid: Sequence[Ballot]) -> tuple[tuple[int, int, int], ...]:
    assert panel.called is not None, "a count without a panel"
    claimed = claimed_of(panel.called)
    deciding = [ballot for ballot in valid if SIDES[ballot.choice]]
    return tuple((ballot.seat, *worth_of(ballot, claimed)) for ballot in deciding)


def _row(numbers: Sequence[tuple[int, int]]) -> Row | None:
    if not any(number for _, number in numbers):
        return None
    ordered = sorted(numbers, key=lambda one: (one[1], one[0]))
    middle = (len(ordered) - 1) // 2
    shares = tuple(Share(seat_name(s), n, at == middle) for at, (s, n) in enumerate(ordered))
    return Row(shares, lower_median([number for _, number in ordered]))


def _liability(valid: Sequence[Ballot]) -> tuple[tuple[str, Row], ...]:
    stated = [b for b in valid if SIDES[b.choice] and b.liability]
    rows = ((p, _row([(b.seat, b.liability.get(p, 0)) for b in stated])) for p in PARTIES)
    return tuple((party, row) for party, row in rows if row)
