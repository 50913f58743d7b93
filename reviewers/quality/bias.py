"""Whether those who stand for buyers and those who stand for merchants support claims alike.

Every panel has as many of one side as of the other, so both sides see the same cases: a difference
of their rates is a difference of judges, not of cases. A difference is why panels are balanced; it
is published so that anybody sees how much the balance has to carry.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reviewers.quality.intervals import Interval, newcombe
from reviewers.quality.votes import Vote


@dataclass(frozen=True, slots=True)
class Bias:
    """(supporting, all) ballots of each side, and the first rate minus the second."""

    first: tuple[int, int]
    second: tuple[int, int]
    difference: Interval


def bias(votes: Iterable[Vote], first: str, second: str, supports: str) -> Bias | None:
    """Between two strata, over the label `supports`; None while one of them has no vote."""
    counts = {first: [0, 0], second: [0, 0]}
    for vote in votes:
        if vote.stratum in counts:
            counts[vote.stratum][0] += vote.label == supports
            counts[vote.stratum][1] += 1
    one, two = tuple(counts[first]), tuple(counts[second])
    if not one[1] or not two[1]:
        return None
    return Bias((one[0], one[1]), (two[0], two[1]), newcombe((one[0], one[1]), (two[0], two[1])))
