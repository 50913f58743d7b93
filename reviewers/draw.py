"""Draw a panel from a seed, so that anybody can draw it again (package docstring, "Draw")."""

from __future__ import annotations

import hashlib
from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from reviewers.candidates import Candidate, refuse_unfair
from reviewers.errors import PoolTooSmall
from reviewers.pool import Stratum

DOMAIN = b"mingan/draw/v2"
NUMBER_SPACE = 2**256

Candidates = Mapping[str, Sequence[Candidate]]


@dataclass(frozen=True, slots=True)
class Seat:
    """Seat `number` (from 1, running through the strata) and who sits on it."""

    number: int
    reviewer_id: str
    stratum: str


@dataclass(frozen=True, slots=True)
class Draw:
    """The seats in order, and per drawn stratum the reserves in the order they step in."""

    seats: tuple[Seat, ...]
    reserves: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One candidate leaving the urn: `point` of `total` fell into [`start`, `end`) of the urn.

    `k` counts the numbers of the stratum's stream, passed over ones included.
    """

    k: int
    number: int
    total: int
    point: int
    start: int
    end: int
    reviewer_id: str


def seed(case_no: str, round_: int, root: bytes, extra: Sequence[bytes] = ()) -> bytes:
    """Bind the draw to a panel and to a checkpoint made after its pool was fixed; 32 bytes.

    `root` is the checkpoint's root hash; `extra` holds the witnesses' cosignatures on that
    checkpoint (checkpoints.cosignatures), then a beacon round if one is configured.
    """
    parts = (case_no.encode(), str(round_).encode(), root, *extra)
    return hashlib.sha256(DOMAIN + b"".join(_prefixed(part) for part in parts)).digest()


def draw(seed: bytes, candidates: Candidates, seats: Mapping[str, int], reserves: int) -> Draw:
    """Fill `seats` by weighted draw without replacement, then up to `reserves` per stratum.

    Strata are drawn in the published order, whatever order they came in. Raises PoolTooSmall
    when a stratum cannot fill its seats (a short reserve list is no error), PoolRefused for an
    id that stands twice or a weight outside 1 .. 2**32 - 1.
    """
    refuse_unfair(candidates)
    taken: list[Seat] = []
    standby: list[tuple[str, tuple[str, ...]]] = []
    for stratum in in_order(seats):
        needed = seats[stratum]
        found = steps(seed, stratum, candidates.get(stratum, ()), needed, needed + reserves)
        ids = [step.reviewer_id for step in found]
        for id_ in ids[:needed]:
            taken.append(Seat(len(taken) + 1, id_, str(stratum)))
        standby.append((str(stratum), tuple(ids[needed:])))
    return Draw(tuple(taken), tuple(standby))


def in_order(seats: Mapping[str, int]) -> list[str]:
    """The strata that have seats, in the order of the draw: as in `Stratum`, then by name.

    A part such as EXPERT/TEXTILE stands in the place of its whole. The order must not come from
    the record: canonical JSON sorts the keys of an object.
    """
    places = {str(stratum): place for place, stratum in enumerate(Stratum)}
    return sorted(
        (stratum for stratum, needed in seats.items() if needed),
        key=lambda name: (places.get(name.partition("/")[0], len(places)), name),
    )


def steps(
    seed: bytes, stratum: str, candidates: Sequence[Candidate], needed: int, wanted: int
) -> list[Step]:
    """Up to `wanted` candidates in the order they are drawn, each with its arithmetic.

    Raises PoolTooSmall when there are fewer than `needed`.
    """
    if len(candidates) < needed:
        raise PoolTooSmall(str(stratum), needed, len(candidates))
    # Sorting what is sorted takes one look at each pair.
    urn = _Urn(sorted(candidates))
    stream = enumerate(numbers(seed, stratum))
    return [_step(urn, stream) for _ in range(min(wanted, len(candidates)))]


def numbers(seed: bytes, stratum: str) -> Iterator[int]:
    """The endless stream of 256-bit numbers that the seats of one stratum are drawn with."""
    name, k = stratum.encode(), 0
    while True:
        yield int.from_bytes(hashlib.sha256(seed + name + k.to_bytes(8, "big")).digest(), "big")
        k += 1


def _step(urn: _Urn, stream: Iterator[tuple[int, int]]) -> Step:
    # Numbers past the last whole multiple of the total would favour the first candidates.
    total = urn.total
    limit = NUMBER_SPACE - NUMBER_SPACE % total
    k, number = next((k, number) for k, number in stream if number < limit)
    id_, start, end = urn.take(number % total)
    return Step(k, number, total, number % total, start, end, id_)


def _prefixed(part: bytes) -> bytes:
    return len(part).to_bytes(4, "big") + part


class _Urn:
    """Intervals laid end to end: only the few that were taken are stepped over.

    A panel takes some dozen of a pool that may hold a million, so prefix sums made once and a
    short list of gaps beat a tree that keeps every weight up to date.
    """

    def __init__(self, ordered: Sequence[Candidate]) -> None:
        self._ordered = ordered
        self._ends = list(accumulate(weight for _, weight in ordered))
        self._gone: list[int] = []  # places that left, ascending
        self.total = self._ends[-1] if self._ends else 0

    def take(self, point: int) -> tuple[str, int, int]:
        """Remove the candidate whose interval of [0, total) holds `point`; its id and interval."""
        skipped = 0
        for place in self._gone:
            if self._start(place) > point + skipped:
                break
            skipped += self._ordered[place][1]
        place = bisect_right(self._ends, point + skipped)
        insort(self._gone, place)
        id_, weight = self._ordered[place]
        self.total -= weight
        start = self._start(place) - skipped
        return id_, start, start + weight

    def _start(self, place: int) -> int:
        return self._ends[place] - self._ordered[place][1]
