"""A quarter's figures, ready to be kept, published and printed. No rate from too little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from portal.quality.collecting import SUPPORT, Quarter
from reviewers.quality.agreement import alpha_interval
from reviewers.quality.bias import bias
from reviewers.quality.dawid_skene import estimate
from reviewers.quality.intervals import Interval, wilson
from reviewers.quality.speed import is_hasty
from reviewers.quality.votes import Vote, by_case

# Below these nothing is published but the counts: a rate of three panels tells of people.
LEAST_PANELS = 30
LEAST_VOTES = 100  # of each side, or timed
LEAST_REVIEWERS = 20
LEAST_OF_ONE = 10  # ballots before a reviewer enters the distribution
STEPS = 10

SIDES = ("BUYER_SIDE", "MERCHANT_SIDE")


def figures_of(name: str, quarter: Quarter) -> dict[str, Any]:
    """Counts, and each measure or None. JSON values; shares are between 0 and 1."""
    votes = quarter.votes
    enough = len(by_case(votes)) >= LEAST_PANELS
    return {
        "counted": asdict(quarter.counted),
        "votes": len(votes),
        "alpha": _interval(alpha_interval(votes, name.encode()) if enough else None),
        "bias": _bias(votes) if enough else None,
        "hasty": _hasty(votes),
        "reliability": _reliability(votes) if enough else None,
        "least": {"panels": LEAST_PANELS, "votes": LEAST_VOTES, "reviewers": LEAST_REVIEWERS},
    }


def _interval(found: Interval | None) -> dict[str, float] | None:
    return None if found is None else {k: round(v, 4) for k, v in asdict(found).items()}


def _bias(votes: Sequence[Vote]) -> dict[str, Any] | None:
    found = bias(votes, *SIDES, SUPPORT)
    if found is None or min(found.first[1], found.second[1]) < LEAST_VOTES:
        return None
    return {
        "buyer": _share(*found.first),
        "merchant": _share(*found.second),
        "difference": _interval(found.difference),
    }


def _hasty(votes: Sequence[Vote]) -> dict[str, Any] | None:
    timed = [vote for vote in votes if vote.seconds is not None]
    if len(timed) < LEAST_VOTES:
        return None
    return _share(sum(map(is_hasty, timed)), len(timed))


def _share(hits: int, total: int) -> dict[str, Any]:
    return {"hits": hits, "total": total, "share": _interval(wilson(hits, total))}


def _reliability(votes: Sequence[Vote]) -> dict[str, Any] | None:
    """How many reviewers in each tenth; nobody's own value leaves this function."""
    cast: dict[str, int] = {}
    for vote in votes:
        cast[vote.reviewer] = cast.get(vote.reviewer, 0) + 1
    known = [one for one, count in cast.items() if count >= LEAST_OF_ONE]
    if len(known) < LEAST_REVIEWERS:
        return None
    found = estimate(votes)
    tenths = [0] * STEPS
    for one in known:
        tenths[min(STEPS - 1, int(found.reliability(one) * STEPS))] += 1
    return {"reviewers": len(known), "tenths": tenths, "settled": found.settled}
