"""The chances that the documentation states, against values that can be had by hand."""

from __future__ import annotations

from math import comb, isclose
from pathlib import Path

import pytest

from benchmarks.collusion import (
    OURS,
    PEERS,
    PICTURE,
    binomial,
    convolve,
    curves,
    hypergeometric,
    majority,
    one_sided,
    spread,
    tables,
    with_errors,
)
from benchmarks.curves import draw_curves

FAST, STANDARD, COMPLEX, APPEAL = OURS
DOCUMENT = Path(__file__).parents[2] / "docs" / "panels.md"


def test_a_draw_without_replacement_by_hand() -> None:
    # Two red of four, two drawn: 1/6, 4/6, 1/6.
    assert hypergeometric(4, 2, 2) == [1 / 6, 4 / 6, 1 / 6]
    assert isclose(sum(hypergeometric(4000, 1234, 6)), 1)


def test_three_seats_with_replacement_by_hand() -> None:
    assert isclose(majority(binomial(3, 0.2)), 3 * 0.2**2 * 0.8 + 0.2**3)
    assert isclose(majority(binomial(31, 0.5)), 0.5)


def test_a_sum_of_two_coins() -> None:
    assert convolve([[0.5, 0.5], [0.5, 0.5]]) == [0.25, 0.5, 0.25]


def test_honest_seats_that_err_add_to_the_colluders() -> None:
    assert with_errors([1.0, 0.0], 0.25) == [0.75, 0.25]
    assert with_errors([0.0, 1.0], 0.25) == [0.0, 1.0]


@pytest.mark.parametrize("design", OURS)
def test_one_side_alone_never_decides_a_balanced_panel(design: object) -> None:
    assert one_sided(design, 0.5) == 0  # type: ignore[arg-type]


def test_every_design_is_even_at_half_the_pool() -> None:
    assert all(isclose(spread(design, 0.5), 0.5) for design in (*OURS, *PEERS))


def test_balance_changes_nothing_when_colluders_are_everywhere() -> None:
    seven = next(peer for peer in PEERS if peer.size == STANDARD.size)

    assert spread(STANDARD, 0.2) == pytest.approx(spread(seven, 0.2), rel=0.01)


def test_more_seats_are_safer() -> None:
    chances = [spread(design, 0.2) for design in (FAST, STANDARD, COMPLEX, APPEAL)]

    assert chances == sorted(chances, reverse=True)


def test_seven_of_a_tiny_pool_by_counting() -> None:
    # All ten of one pool: 4 colluders; a majority of 7 needs all four of them.
    found = majority(hypergeometric(10, 4, 7))

    assert isclose(found, comb(6, 3) / comb(10, 7))


def test_the_documentation_shows_what_is_computed_now() -> None:
    assert tables() in DOCUMENT.read_text("utf-8")
    expected = draw_curves(curves(), "share of the pool that colludes")
    assert PICTURE.read_text("utf-8") == expected
