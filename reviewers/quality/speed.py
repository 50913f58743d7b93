"""Ballots cast faster than the file could be read.

`length` of a vote is what there is to take in: characters of both statements plus CHARS_AN_EXHIBIT
for each exhibit. READING is three times what fluent readers do (about 260 words or 400 to 600
characters a minute; Brysbaert 2019), so that only haste is found, never a quick mind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from reviewers.quality.intervals import tail
from reviewers.quality.votes import Vote

CHARS_AN_EXHIBIT = 100
READING = 25.0  # characters a second
USUAL = 0.05  # of anybody's ballots may be hasty without meaning anything
SURE = 0.001


@dataclass(frozen=True, slots=True)
class Hasty:
    """A reviewer with `hasty` of `timed` ballots; `chance` of that by accident."""

    reviewer: str
    hasty: int
    timed: int
    chance: float


def is_hasty(vote: Vote) -> bool:
    """Whether the ballot came before its file could have been read; untimed ones never are."""
    return vote.seconds is not None and vote.seconds < vote.length / READING


def hasty_reviewers(votes: Iterable[Vote]) -> tuple[Hasty, ...]:
    """Those who are hasty more often than chance explains, the surest first."""
    timed: Counter[str] = Counter()
    hasty: Counter[str] = Counter()
    for vote in votes:
        if vote.seconds is not None:
            timed[vote.reviewer] += 1
            hasty[vote.reviewer] += is_hasty(vote)
    found = (
        Hasty(one, hasty[one], timed[one], tail([USUAL] * timed[one], hasty[one])) for one in timed
    )
    sure = (one for one in found if one.chance * len(timed) < SURE)
    return tuple(sorted(sure, key=lambda one: (one.chance, one.reviewer)))
