from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewers.parties import PARTIES, WHOLE, scale

SHARES = st.dictionaries(st.sampled_from(PARTIES), st.integers(0, WHOLE))


@pytest.mark.parametrize(
    ("shares", "scaled"),
    [
        ({}, {}),
        ({"MERCHANT": 0}, {}),
        ({"MERCHANT": 1}, {"MERCHANT": 10_000}),
        ({"BUYER": 3000, "MERCHANT": 3000}, {"MERCHANT": 5000, "BUYER": 5000}),
        (
            {"BUYER": 1, "HOST": 1, "MERCHANT": 1},
            {"MERCHANT": 3334, "HOST": 3333, "BUYER": 3333},
        ),
        ({"MERCHANT": 5000, "HOST": 1000}, {"MERCHANT": 8333, "HOST": 1667}),
    ],
)
def test_shares_are_scaled_by_largest_remainder(
    shares: dict[str, int], scaled: dict[str, int]
) -> None:
    assert scale(shares) == scaled


@given(SHARES)
def test_shares_sum_to_the_whole_or_there_are_none(shares: dict[str, int]) -> None:
    assert sum(scale(shares).values()) == (WHOLE if any(shares.values()) else 0)


@given(SHARES)
def test_nobody_is_more_than_a_point_away_from_the_exact_share(shares: dict[str, int]) -> None:
    scaled, total = scale(shares), sum(shares.values())

    assert all(abs(scaled.get(p, 0) * total - shares[p] * WHOLE) < total for p in shares if total)


@given(SHARES)
def test_a_larger_share_stays_larger(shares: dict[str, int]) -> None:
    scaled = scale(shares)

    for more in shares:
        for less in shares:
            if shares[more] > shares[less]:
                assert scaled.get(more, 0) >= scaled.get(less, 0)
