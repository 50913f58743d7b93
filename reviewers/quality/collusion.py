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

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

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
    shares = {label: count / sum(pool.values()) for label, count in pool.items()}
    looked_at = [
        _suspicion(pair, [_seen(votes, pair, shares) for votes in shared])
        for pair, shared in _pairs(cases, least)
    ]
    surest = holm([one.chance for one in looked_at])
    found = [replace(one, chance=c) for one, c in zip(looked_at, surest, strict=True) if c < sure]
    return tuple(sorted(found, key=lambda one: (one.chance, one.pair)))


def _pairs(
    cases: Mapping[str, Sequence[Vote]], least: int
) -> Iterator[tuple[Pair, list[Sequence[Vote]]]]:
    """Pairs with enough shared cases, and these. One reviewer after the other: all pairs of a
    large pool would not fit into memory, and hardly any of them ever share that many."""
    seats: dict[str, list[Sequence[Vote]]] = defaultdict(list)
    for votes in cases.values():
        for vote in votes:
            seats[vote.reviewer].append(votes)
    for one in sorted(who for who, held in seats.items() if len(held) >= least):
        met: dict[str, list[Sequence[Vote]]] = defaultdict(list)
        for votes in seats[one]:
            for vote in votes:
                if vote.reviewer > one:
                    met[vote.reviewer].append(votes)
        yield from (((one, two), met[two]) for two in sorted(met) if len(met[two]) >= least)


def _seen(votes: Sequence[Vote], pair: Pair, shares: Mapping[str, float]) -> tuple[float, bool]:
    """Of one shared case: the chance of agreeing there, and whether they did."""
    given = {vote.reviewer: vote.label for vote in votes if vote.reviewer in pair}
    one, two = given[pair[0]], given[pair[1]]
    return _chance(Counter(vote.label for vote in votes), one, two, shares), one == two


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


def _suspicion(pair: Pair, seen: Sequence[tuple[float, bool]]) -> Suspicion:
    return Suspicion(
        pair=pair,
        shared=len(seen),
        agreed=sum(agreed for _chance, agreed in seen),
        expected=sum(chance for chance, _agreed in seen),
        chance=_tail(seen),
    )
