"""Krippendorff's alpha for nominal labels, any number of votes a case, with gaps.

Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011); the worked example C of that
paper (four observers, twelve units) is a test. 1: they always agree; 0: as if labels were thrown
into a hat; below 0: they avoid agreeing. A panel is meant to bring different views, so a middling
alpha is no fault; a sudden change of it is worth a look.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reviewers.quality.chance import pick
from reviewers.quality.intervals import Interval
from reviewers.quality.votes import Vote, by_case

REPEATS = 500
BLOCKS = 500  # what is drawn from, however many cases a quarter has


@dataclass(frozen=True, slots=True)
class _Unit:
    """One case with at least two votes: pairable votes, disagreeing pairs' share, labels."""

    votes: int
    disagreement: float
    labels: tuple[tuple[str, int], ...]


def alpha(votes: Iterable[Vote]) -> float | None:
    """None when fewer than two cases can be compared or nobody ever used a second label."""
    return _alpha(_units(votes))


def alpha_interval(votes: Iterable[Vote], seed: bytes, repeats: int = REPEATS) -> Interval | None:
    """Alpha with a 95 % percentile interval from resampled cases; of more than BLOCKS cases, from
    BLOCKS groups of them, every BLOCKS-th case in one."""
    units = _units(votes)
    value = _alpha(units)
    if value is None:
        return None
    blocks = _in_blocks(units)
    drawn = [_alpha(_resample(blocks, seed, turn)) for turn in range(repeats)]
    known = sorted(one for one in drawn if one is not None)
    if not known:
        return Interval(value, value, value)
    low, high = known[int(0.025 * (len(known) - 1))], known[-int(0.025 * (len(known) - 1)) - 1]
    return Interval(value, low, high)


def _units(votes: Iterable[Vote]) -> tuple[_Unit, ...]:
    return tuple(_unit(case) for case in by_case(votes).values() if len(case) > 1)


def _in_blocks(units: Sequence[_Unit]) -> Sequence[_Unit]:
    """The sums that alpha is made of add up, so a group of cases counts like one."""
    if len(units) <= BLOCKS:
        return units
    return [_joined(units[first::BLOCKS]) for first in range(BLOCKS)]


def _joined(units: Sequence[_Unit]) -> _Unit:
    labels: Counter[str] = Counter()
    for unit in units:
        labels.update(dict(unit.labels))
    votes, disagreement = sum(u.votes for u in units), sum(u.disagreement for u in units)
    return _Unit(votes, disagreement, tuple(sorted(labels.items())))


def _unit(votes: Sequence[Vote]) -> _Unit:
    labels = Counter(vote.label for vote in votes)
    size = len(votes)
    agreeing = sum(count * (count - 1) for count in labels.values())
    disagreement = size - agreeing / (size - 1)
    return _Unit(size, disagreement, tuple(sorted(labels.items())))


def _alpha(units: Sequence[_Unit]) -> float | None:
    if len(units) < 2:
        return None
    total = sum(unit.votes for unit in units)
    labels: Counter[str] = Counter()
    for unit in units:
        labels.update(dict(unit.labels))
    expected = total * total - sum(count * count for count in labels.values())
    if expected == 0:
        return None
    observed = sum(unit.disagreement for unit in units)
    return 1 - (total - 1) * observed / expected


def _resample(units: Sequence[_Unit], seed: bytes, turn: int) -> list[_Unit]:
    size = len(units)
    return [units[pick(seed, turn * size + place, size)] for place in range(size)]
