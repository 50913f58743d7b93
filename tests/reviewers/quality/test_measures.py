"""Known answers: worked examples of the literature, and pools made so that the truth is known."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewers.quality.agreement import alpha, alpha_interval
from reviewers.quality.bias import bias
from reviewers.quality.collusion import suspicions
from reviewers.quality.dawid_skene import estimate
from reviewers.quality.intervals import holm, newcombe, tail, wilson
from reviewers.quality.speed import hasty_reviewers, is_hasty
from reviewers.quality.votes import Vote

# Krippendorff 2011, example C: four observers, twelve units, gaps; nominal alpha 0.743.
OBSERVERS = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)


def krippendorffs() -> list[Vote]:
    return [
        Vote(f"u{unit:02}", f"o{observer}", "", label)
        for observer, line in enumerate(OBSERVERS)
        for unit, label in enumerate(line.split())
        if label != "."
    ]


def test_alpha_is_that_of_krippendorffs_example() -> None:
    assert alpha(krippendorffs()) == pytest.approx(0.743, abs=0.0005)


def test_alpha_of_full_agreement_is_one_and_of_one_label_nothing() -> None:
    agreed = [Vote(c, r, "", label) for c, label in (("a", "x"), ("b", "y")) for r in "123"]
    assert alpha(agreed) == 1
    assert alpha([Vote(c, r, "", "x") for c in "ab" for r in "12"]) is None


def test_alphas_interval_holds_it_and_is_the_same_for_the_same_seed() -> None:
    found = alpha_interval(krippendorffs(), b"seed")
    assert found is not None
    assert found.low <= found.value <= found.high
    assert found == alpha_interval(krippendorffs(), b"seed")
    assert found != alpha_interval(krippendorffs(), b"other")


# Dawid and Skene 1979, table 1: anaesthetists on the fitness of patients. Observer 1 saw each
# patient three times (here 1a 1b 1c); the first ten of the 45 patients.
PATIENTS = (
    "111 1 1 1 1", "333 4 3 3 4", "112 2 1 2 2", "222 3 1 2 1", "222 3 2 2 2",
    "222 3 3 2 2", "122 2 1 1 1", "333 3 4 3 3", "222 2 2 2 3", "232 2 2 2 3",
)  # fmt: skip


def test_dawid_and_skene_find_who_errs_most() -> None:
    votes = [
        Vote(f"p{number}", f"o{observer}", "", label)
        for number, line in enumerate(PATIENTS)
        for observer, label in enumerate(line.replace(" ", ""))
    ]
    found = estimate(votes)
    assert found.settled
    # Where every reading but one agrees, the estimate is that reading, and sure.
    assert found.truth["p0"]["1"] > 0.99
    assert found.truth["p7"]["3"] > 0.9
    assert found.reliability("o0") > found.reliability("o3")


def test_dawid_and_skene_recover_known_error_rates() -> None:
    skill = {f"r{n}": 0.95 if n < 6 else 0.55 for n in range(8)}
    dice = random.Random(1)
    truth = {f"c{n:03}": dice.choice("SR") for n in range(300)}
    other = {"S": "R", "R": "S"}
    votes = [
        Vote(case, who, "", right if dice.random() < chance else other[right])
        for case, right in truth.items()
        for who, chance in skill.items()
    ]
    found = estimate(votes)
    right = sum(max(given, key=given.__getitem__) == truth[c] for c, given in found.truth.items())
    assert right >= 298
    for who, chance in skill.items():
        assert found.reliability(who) == pytest.approx(chance, abs=0.06)


def test_an_estimate_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no votes"):
        estimate([])


def test_wilson_and_newcombe_give_the_published_values() -> None:
    # Newcombe 1998 (Statistics in Medicine 17, 857 and 873): 81/263; 56/70 against 48/80.
    share = wilson(81, 263)
    assert (round(share.low, 4), round(share.high, 4)) == (0.2553, 0.3662)
    difference = newcombe((56, 70), (48, 80))
    assert (round(difference.low, 4), round(difference.high, 4)) == (0.0524, 0.3339)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilsons_interval_holds_its_share_and_stays_a_share(counted: tuple[int, int]) -> None:
    found = wilson(*counted)
    assert 0 <= found.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.high <= 1


def test_no_share_is_made_of_nothing() -> None:
    for hits, total in ((0, 0), (3, 2), (-1, 2)):
        with pytest.raises(ValueError, match="of"):
            wilson(hits, total)


def test_holm_is_the_textbooks() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))


@given(st.integers(1, 20), st.floats(0.01, 0.99), st.integers(0, 21))
def test_the_tail_of_equal_chances_is_the_binomials(n: int, chance: float, hits: int) -> None:
    expected = sum(
        math.comb(n, k) * chance**k * (1 - chance) ** (n - k) for k in range(hits, n + 1)
    )
    assert tail([chance] * n, hits) == pytest.approx(expected, abs=1e-9)


def test_bias_is_found_where_sides_differ_and_absent_where_they_do_not() -> None:
    def votes(buyer: int, merchant: int) -> Iterator[Vote]:
        for side, supporting in (("BUYER_SIDE", buyer), ("MERCHANT_SIDE", merchant)):
            for n in range(100):
                yield Vote(f"c{n}", f"{side}{n}", side, "S" if n < supporting else "R")

    leaning = bias(votes(70, 45), "BUYER_SIDE", "MERCHANT_SIDE", "S")
    assert leaning is not None
    assert leaning.difference.low > 0
    even = bias(votes(52, 50), "BUYER_SIDE", "MERCHANT_SIDE", "S")
    assert even is not None
    assert even.difference.low < 0 < even.difference.high
    assert bias([], "BUYER_SIDE", "MERCHANT_SIDE", "S") is None


def test_haste_is_measured_against_what_there_is_to_read() -> None:
    assert is_hasty(Vote("c", "r", "", "S", seconds=10, length=500))
    assert not is_hasty(Vote("c", "r", "", "S", seconds=21, length=500))
    assert not is_hasty(Vote("c", "r", "", "S", seconds=None, length=500))


def test_only_those_who_are_often_hasty_are_named() -> None:
    def votes(who: str, hasty: int, total: int) -> list[Vote]:
        return [
            Vote(f"c{n}", who, "", "S", seconds=1 if n < hasty else 300, length=900)
            for n in range(total)
        ]

    found = hasty_reviewers(votes("often", 8, 10) + votes("once", 1, 10) + votes("never", 0, 10))
    assert [one.reviewer for one in found] == ["often"]


def panels(seed: int, colluders: int, reviewers: int = 60, cases: int = 400) -> list[Vote]:
    """Panels of seven from a pool in which the first few follow a common whim."""
    dice = random.Random(seed)
    votes = []
    for case in range(cases):
        clear, whim = dice.choice((0.9, 0.75, 0.6)), dice.choice("SR")
        right = dice.choice("SR")
        for who in dice.sample(range(reviewers), 7):
            own = right if dice.random() < clear else {"S": "R", "R": "S"}[right]
            votes.append(Vote(f"c{case}", f"r{who:02}", "", whim if who < colluders else own))
    return votes


def test_honest_reviewers_are_not_suspected() -> None:
    for seed in range(5):
        assert suspicions(panels(seed, colluders=0)) == ()


def test_colluders_are_found_and_nobody_else() -> None:
    votes = panels(3, colluders=2, reviewers=20, cases=500)
    assert [one.pair for one in suspicions(votes)] == [("r00", "r01")]


def test_few_shared_cases_say_nothing() -> None:
    votes = [Vote(f"c{n}", who, "", "S") for n in range(7) for who in ("a", "b")]
    votes += [Vote(f"c{n}", who, "", "R") for n in range(7) for who in ("c", "d", "e")]
    assert suspicions(votes) == ()
