"""How many seats each kind of procedure has, and how many ballots make it binding."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from reviewers.pool import Stratum


class Track(StrEnum):
    """FAST 3, STANDARD 7, COMPLEX 13, APPEAL 15 seats."""

    FAST = "FAST"
    STANDARD = "STANDARD"
    COMPLEX = "COMPLEX"
    APPEAL = "APPEAL"

    @property
    def seats(self) -> Mapping[Stratum, int]:
        """Seats per stratum, in the order of the draw."""
        return _SEATS[self]

    @property
    def size(self) -> int:
        """Seats of the whole panel; always odd, so that a full panel cannot tie."""
        return sum(_SEATS[self].values())


def quorum(seats: int) -> int:
    """Ballots needed to decide anything: two thirds of the seats, rounded up."""
    return -(-2 * seats // 3)


def _balanced(buyer_side: int, merchant_side: int, expert: int) -> Mapping[Stratum, int]:
    return MappingProxyType(
        {
            Stratum.BUYER_SIDE: buyer_side,
            Stratum.MERCHANT_SIDE: merchant_side,
            Stratum.EXPERT: expert,
        }
    )


_SEATS: Mapping[Track, Mapping[Stratum, int]] = MappingProxyType(
    {
        Track.FAST: _balanced(1, 1, 1),
        Track.STANDARD: _balanced(3, 3, 1),
        Track.COMPLEX: _balanced(5, 5, 3),
        Track.APPEAL: _balanced(6, 6, 3),
    }
)
