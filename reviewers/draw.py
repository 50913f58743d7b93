"""Draw a panel from a seed, so that anybody can draw it again (package docstring, "Draw")."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reviewers.errors import PoolRefused, PoolTooSmall
from reviewers.pool import Stratum

DOMAIN = b"mingan/draw/v1"
NUMBER_SPACE = 2**256
WEIGHT_LIMIT = 2**32

Candidates = Mapping[Stratum, Sequence[tuple[str, int]]]


@dataclass(frozen=True, slots=True)
class Seat:
    """Seat `number` (from 1, running through the strata) and who sits on it."""

    number: int
    reviewer_id: str
    stratum: Stratum


@dataclass(frozen=True, slots=True)
class Draw:
    """The seats in order, and per drawn stratum the reserves in the order they step in."""

    seats: tuple[Seat, ...]
    reserves: tuple[tuple[Stratum, tuple[str, ...]], ...]


def seed(case_no: str, root: bytes, extra: Sequence[bytes] = ()) -> bytes:
    """Bind the draw to a case and to a checkpoint made after its pool was fixed; 32 bytes.

    `root` is the checkpoint's root hash; `extra` holds the witnesses' cosignatures on that
    checkpoint, sorted by key id, then a beacon round if one is configured.
    """
    parts = (case_no.encode(), root, *extra)
    return hashlib.sha256(DOMAIN + b"".join(_prefixed(part) for part in parts)).digest()


def draw(seed: bytes, candidates: Candidates, seats: Mapping[Stratum, int], reserves: int) -> Draw:
    """Fill `seats` by weighted draw without replacement, then up to `reserves` per stratum.

    Raises PoolTooSmall when a stratum cannot fill its seats (a short reserve list is no
    error), PoolRefused for an id that stands twice or a weight outside 1 .. 2**32 - 1.
    """
    _refuse_unfair(candidates)
    taken: list[Seat] = []
    standby: list[tuple[Stratum, tuple[str, ...]]] = []
    for stratum in (one for one in Stratum if seats.get(one)):
        ids = _pick(seed, stratum, candidates.get(stratum, ()), seats[stratum], reserves)
        for id_ in ids[: seats[stratum]]:
            taken.append(Seat(len(taken) + 1, id_, stratum))
        standby.append((stratum, tuple(ids[seats[stratum] :])))
    return Draw(tuple(taken), tuple(standby))


def numbers(seed: bytes, stratum: Stratum) -> Iterator[int]:
    """The endless stream of 256-bit numbers that the seats of one stratum are drawn with."""
    k = 0
    while True:
        block = seed + stratum.value.encode() + k.to_bytes(8, "big")
        yield int.from_bytes(hashlib.sha256(block).digest(), "big")
        k += 1


def _pick(
    seed: bytes, stratum: Stratum, candidates: Sequence[tuple[str, int]], needed: int, spare: int
) -> list[str]:
    if len(candidates) < needed:
        raise PoolTooSmall(stratum, needed, len(candidates))
    ordered = sorted(candidates)
    urn = _Urn([weight for _, weight in ordered])
    stream = numbers(seed, stratum)
    count = min(needed + spare, len(ordered))
    return [ordered[urn.take(_below(urn.total, stream))][0] for _ in range(count)]


def _below(total: int, stream: Iterator[int]) -> int:
    # Numbers past the last whole multiple of the total would favour the first candidates.
    limit = NUMBER_SPACE - NUMBER_SPACE % total
    return next(number for number in stream if number < limit) % total


def _prefixed(part: bytes) -> bytes:
    return len(part).to_bytes(4, "big") + part


def _refuse_unfair(candidates: Candidates) -> None:
    seen: set[str] = set()
    for id_, weight in (pair for group in candidates.values() for pair in group):
        if id_ in seen:
            raise PoolRefused("DUPLICATE_ID", id_)
        if type(weight) is not int or not 0 < weight < WEIGHT_LIMIT:
            raise PoolRefused("BAD_WEIGHT", id_)
        seen.add(id_)


class _Urn:
    """Weights in a Fenwick tree: one draw from a million reviewers costs twenty steps."""

    def __init__(self, weights: Sequence[int]) -> None:
        self.total = sum(weights)
        self._weights = list(weights)
        self._tree = [0, *weights]
        for node in range(1, len(self._tree)):
            above = node + (node & -node)
            if above < len(self._tree):
                self._tree[above] += self._tree[node]

    def take(self, point: int) -> int:
        """Remove the weight whose interval of [0, total) holds `point`; return its place."""
        place = 0
        for step in self._steps():
            if place + step < len(self._tree) and self._tree[place + step] <= point:
                place += step
                point -= self._tree[place]
        self._clear(place)
        return place

    def _steps(self) -> Iterator[int]:
        step = 1 << len(self._weights).bit_length()
        while step := step >> 1:
            yield step

    def _clear(self, place: int) -> None:
        weight, self._weights[place] = self._weights[place], 0
        self.total -= weight
        node = place + 1
        while node < len(self._tree):
            self._tree[node] -= weight
            node += node & -node
