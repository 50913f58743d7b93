from __future__ import annotations

import hashlib
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewers.draw import draw, numbers, seed
from reviewers.errors import PoolRefused, PoolTooSmall
from reviewers.pool import Stratum
from reviewers.tracks import Track, quorum
from tests.reviewers.builders import a_pool

ONE_STRATUM = {Stratum.BUYER_SIDE: 2}
A_SEED = bytes(range(32))


def drawn_slowly(seed_: bytes, pool: list[tuple[str, int]], count: int) -> list[str]:
    """The published words, followed step by step without a tree."""
    urn, stream, taken = sorted(pool), numbers(seed_, Stratum.BUYER_SIDE), []
    while urn and len(taken) < count:
        total = sum(weight for _, weight in urn)
        number = next(stream)
        if number >= 2**256 - 2**256 % total:
            continue
        point = number % total
        for place, (id_, weight) in enumerate(urn):
            if point < weight:
                taken.append(id_)
                del urn[place]
                break
            point -= weight
    return taken


def test_the_seed_of_the_published_vector() -> None:
    made = seed("MA-2026-000001", bytes(32))
    by_hand = b"mingan/draw/v1" + b"\0\0\0\x0eMA-2026-000001" + b"\0\0\0\x20" + bytes(32)

    assert made.hex() == "6b5dac9cb8a666bdf9264c7c102092b8b6ac07eb7f791f5726a7441414319e5c"
    assert made == hashlib.sha256(by_hand).digest()


def test_the_panel_of_the_published_vector() -> None:
    pool = {Stratum.BUYER_SIDE: [("r_a", 1), ("r_b", 2), ("r_c", 3)]}
    panel = draw(seed("MA-2026-000001", bytes(32)), pool, ONE_STRATUM, 1)

    assert [(seat.number, seat.reviewer_id) for seat in panel.seats] == [(1, "r_a"), (2, "r_c")]
    assert panel.reserves == ((Stratum.BUYER_SIDE, ("r_b",)),)


def test_a_part_of_the_seed_cannot_slide_into_the_next() -> None:
    assert seed("A", b"BC") != seed("AB", b"C")
    assert seed("A", b"B", [b"C", b"D"]) != seed("A", b"B", [b"CD"])


def test_a_large_pool_by_its_digest() -> None:
    pool = {Stratum.BUYER_SIDE: [(f"r_{n:06}", 1 + n % 5) for n in range(100_000)]}
    panel = draw(A_SEED, pool, {Stratum.BUYER_SIDE: 15}, 100)
    ids = [seat.reviewer_id for seat in panel.seats] + list(panel.reserves[0][1])

    digest = hashlib.sha256("\n".join(ids).encode()).hexdigest()
    assert digest == "0a55f3ac4f4e2b8612c46748904433932d07522c4dc5c81e72edd1154634e1b4"


def test_strata_are_drawn_in_the_published_order_whatever_order_they_came_in() -> None:
    pool = a_pool()
    backwards = dict(reversed(pool.items()))
    seats = dict(reversed(Track.COMPLEX.seats.items()))
    panel = draw(A_SEED, backwards, seats, 3)

    assert [seat.stratum for seat in panel.seats] == (
        [Stratum.BUYER_SIDE] * 5 + [Stratum.MERCHANT_SIDE] * 5 + [Stratum.EXPERT] * 3
    )
    assert [seat.number for seat in panel.seats] == list(range(1, 14))
    assert panel == draw(A_SEED, pool, Track.COMPLEX.seats, 3)


@given(
    pool=st.dictionaries(st.text(max_size=3), st.integers(1, 9), min_size=2, max_size=40),
    seed_=st.binary(min_size=32, max_size=32),
    reserves=st.integers(0, 50),
)
def test_the_draw_is_what_the_published_words_say(
    pool: dict[str, int], seed_: bytes, reserves: int
) -> None:
    shuffled = sorted(pool.items(), key=lambda pair: hashlib.sha256(repr(pair).encode()).digest())
    panel = draw(seed_, {Stratum.BUYER_SIDE: shuffled}, ONE_STRATUM, reserves)
    ids = [seat.reviewer_id for seat in panel.seats] + list(panel.reserves[0][1])

    assert ids == drawn_slowly(seed_, shuffled, 2 + reserves)
    assert len(set(ids)) == len(ids)


def test_nobody_sits_twice_and_reserves_are_none_of_the_seated() -> None:
    panel = draw(A_SEED, a_pool(7), Track.APPEAL.seats, 99)
    ids = [s.reviewer_id for s in panel.seats] + [i for _, ids in panel.reserves for i in ids]

    assert len(ids) == len(set(ids)) == 21


def test_another_reserve_count_does_not_change_the_seats() -> None:
    assert draw(A_SEED, a_pool(), Track.STANDARD.seats, 0).seats == (
        draw(A_SEED, a_pool(), Track.STANDARD.seats, 5).seats
    )


def test_chances_follow_the_weights() -> None:
    pool = {Stratum.BUYER_SIDE: [("heavy", 3), ("light", 1)]}
    rounds = 4000
    firsts = Counter(
        draw(seed(str(n), b""), pool, {Stratum.BUYER_SIDE: 1}, 0).seats[0].reviewer_id
        for n in range(rounds)
    )
    # Standard deviation is 27; the seeds are fixed, so this never flickers.
    assert abs(firsts["heavy"] - 0.75 * rounds) < 100


def test_a_pool_too_small_for_its_seats_is_refused_with_the_numbers() -> None:
    pool = a_pool() | {Stratum.EXPERT: [("r_only", 1)]}
    with pytest.raises(PoolTooSmall) as refused:
        draw(A_SEED, pool, Track.COMPLEX.seats, 0)

    assert (refused.value.stratum, refused.value.needed, refused.value.found) == (
        Stratum.EXPERT,
        3,
        1,
    )


def test_a_reviewer_in_two_strata_cannot_be_drawn_for_either() -> None:
    pool = {Stratum.BUYER_SIDE: [("r_a", 1)], Stratum.EXPERT: [("r_a", 1)]}
    with pytest.raises(PoolRefused, match="DUPLICATE_ID: r_a"):
        draw(A_SEED, pool, {Stratum.BUYER_SIDE: 1, Stratum.EXPERT: 1}, 0)


@pytest.mark.parametrize("weight", [0, -1, 1.5, True, 2**32])
def test_a_weight_that_is_not_a_positive_integer_is_refused(weight: int) -> None:
    with pytest.raises(PoolRefused, match="BAD_WEIGHT"):
        draw(A_SEED, {Stratum.BUYER_SIDE: [("r_a", weight)]}, {Stratum.BUYER_SIDE: 1}, 0)


@pytest.mark.parametrize(
    ("track", "split"),
    [
        (Track.FAST, (1, 1, 1)),
        (Track.STANDARD, (3, 3, 1)),
        (Track.COMPLEX, (5, 5, 3)),
        (Track.APPEAL, (6, 6, 3)),
    ],
)
def test_every_track_is_balanced_odd_and_has_an_expert(
    track: Track, split: tuple[int, ...]
) -> None:
    assert tuple(track.seats.values()) == split
    assert track.size == sum(split)
    assert track.size % 2 == 1


def test_two_thirds_are_rounded_up() -> None:
    assert [quorum(n) for n in (1, 2, 3, 7, 13, 15)] == [1, 2, 2, 5, 9, 10]
