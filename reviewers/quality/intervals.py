"""Intervals for shares and their differences, exact tails, and the price of asking often.

Wilson 1927; Newcombe 1998 ("Interval estimation for the difference between independent
proportions", method 10); Holm 1979.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Z95 = 1.959963984540054  # the standard normal's 97.5 % point


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95 % interval."""

    value: float
    low: float
    high: float


def wilson(hits: int, total: int, z: float = Z95) -> Interval:
    """The share hits/total. Raises ValueError unless 0 <= hits <= total and total > 0."""
    if total <= 0 or not 0 <= hits <= total:
        raise ValueError(f"{hits} of {total}")
    share = hits / total
    middle = share + z * z / (2 * total)
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    return Interval(share, max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale))


def newcombe(first: tuple[int, int], second: tuple[int, int], z: float = Z95) -> Interval:
    """The difference of two independent shares, each (hits, total)."""
    one, two = wilson(*first, z), wilson(*second, z)
    value = one.value - two.value
    down = math.hypot(one.value - one.low, two.high - two.value)
    up = math.hypot(one.high - one.value, two.value - two.low)
    return Interval(value, value - down, value + up)


def holm(values: Sequence[float]) -> tuple[float, ...]:
    """p-values corrected for how many there are, in the given order; at most 1."""
    order = sorted(range(len(values)), key=lambda place: values[place])
    corrected = [0.0] * len(values)
    least = 0.0
    for rank, place in enumerate(order):
        least = max(least, min(1.0, (len(values) - rank) * values[place]))
        corrected[place] = least
    return tuple(corrected)


def tail(chances: Sequence[float], hits: int) -> float:
    """P(at least `hits` successes) in independent trials of these chances (Poisson binomial).

    With equal chances it is the exact binomial tail. Costs trials x hits.
    """
    if hits <= 0:
        return 1.0
    # reached[n]: n successes so far; the last place gathers everything from `hits` on.
    reached = [1.0] + [0.0] * hits
    for chance in chances:
        reached[hits] += reached[hits - 1] * chance
        for n in range(hits - 1, 0, -1):
            reached[n] += (reached[n - 1] - reached[n]) * chance
        reached[0] *= 1 - chance
    return min(1.0, reached[hits])
