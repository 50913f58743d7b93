"""Who can bear liability, and how the panel's shares are made to add up to the whole.

The order is published because it breaks ties: of two parties with equal remainders the one that
stands earlier gets the odd basis point. First who sold and showed the goods, then who carried or
made them, last who bought them.
"""

from __future__ import annotations

from collections.abc import Mapping

PARTIES = (
    "MERCHANT",
    "ROOM_OPERATOR",
    "HOST",
    "MCN",
    "PLATFORM",
    "CARRIER",
    "BRAND",
    "BUYER",
)
WHOLE = 10_000  # basis points


def scale(shares: Mapping[str, int]) -> dict[str, int]:
    """Shares in proportion, summing to 10,000; {} when nobody has one.

    Largest remainder: each gets its share rounded down, and what is left goes point by point to
    the largest remainders, ties in the order of PARTIES. Who comes out at 0 is left out.
    """
    total = sum(shares.values())
    if not total:
        return {}
    floors = {party: shares.get(party, 0) * WHOLE // total for party in PARTIES}
    left = WHOLE - sum(floors.values())
    # sorted() is stable: equal remainders keep the published order.
    by_remainder = sorted(PARTIES, key=lambda party: -(shares.get(party, 0) * WHOLE % total))
    lucky = frozenset(by_remainder[:left])
    scaled = {party: floors[party] + (party in lucky) for party in PARTIES}
    return {party: share for party, share in scaled.items() if share}
