"""Pairs that agree far beyond what the cases and their own habits explain.

Agreement alone means nothing: clear cases make honest people agree. So for every case that a pair
shares, the chance of agreeing is taken from the *other* votes of that case (how clear it was), and
the number of agreements is held against the exact tail of those chances. With n reviewers there
are n(n-1)/2 pairs, so the tails are corrected for how many were looked at (Holm). Two who always
err together in unclear cases stand out; two who are simply right together do not.

The chance of a label in a case mixes the other votes of the case with PRIOR votes spread by the
pool's own shares: panels are small, and a unanimous rest is no proof that the case was clear.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from reviewers.quality.intervals import holm, tail
from reviewers.quality.votes import Vote, by_case

LEAST_SHARED = 8  # with fewer shared cases nothing can be said
PRIOR = 2.0
SURE = 0.01

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A pair with `agreed` of `shared` cases where `expected` would be usual.

    `chance`: of this much agreement by accident in any of the pairs looked at.
    """

    pair: Pair
    shared: int
    agreed: int
    expected: float
    chance: float


def suspicions(
    votes: Iterable[Vote], least: int = LEAST_SHARED, sure: float = SURE
) -> tuple[Suspicion, ...]:
    """Pairs beyond chance, the surest first. Costs votes x panel size, then pairs x cases."""
    cases = by_case(votes)
    pool = Counter(vote.label for case in cases.values() for vote in case)
    shared = _shared(cases, pool)
    pairs = sorted(pair for pair, seen in shared.items() if len(seen) >= least)
    tails = [_tail(shared[pair]) for pair in pairs]
    found = [
        _suspicion(pair, shared[pair], chance)
        for pair, chance in zip(pairs, holm(tails), strict=True)
        if chance < sure
    ]
    return tuple(sorted(found, key=lambda one: (one.chance, one.pair)))


def _shared(
    cases: Mapping[str, Sequence[Vote]], pool: Mapping[str, int]
) -> dict[Pair, list[tuple[float, bool]]]:
    """For each pair its shared cases: the chance of agreeing there, and whether they did."""
    total = sum(pool.values())
    shares = {label: count / total for label, count in pool.items()}
    shared: dict[Pair, list[tuple[float, bool]]] = {}
    for votes in cases.values():
        labels = Counter(vote.label for vote in votes)
        for one, two in combinations(votes, 2):
            chance = _chance(labels, one.label, two.label, shares)
            pair = (one.reviewer, two.reviewer)
            shared.setdefault(pair, []).append((chance, one.label == two.label))
    return shared


def _chance(labels: Counter[str], one: str, two: str, shares: Mapping[str, float]) -> float:
    """The chance that two votes agree in this case, judged by all the others."""
    rest = sum(labels.values()) - 2
    chances = (
        (labels[label] - (label == one) - (label == two) + PRIOR * share) / (rest + PRIOR)
        for label, share in shares.items()
    )
    return sum(chance * chance for chance in chances)


def _tail(seen: Sequence[tuple[float, bool]]) -> float:
    return tail([chance for chance, _agreed in seen], sum(agreed for _chance, agreed in seen))


def _suspicion(pair: Pair, seen: Sequence[tuple[float, bool]], chance: float) -> Suspicion:
    return Suspicion(
        pair=pair,
        shared=len(seen),
        agreed=sum(agreed for _chance, agreed in seen),
        expected=sum(chance for chance, _agreed in seen),
        chance=chance,
    )
