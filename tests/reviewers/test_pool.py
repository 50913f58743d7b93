from __future__ import annotations

from typing import Any

import pytest

from reviewers.errors import PoolRefused
from reviewers.pool import Reviewer, pool_at
from reviewers.weights import is_high_stakes, is_thin, weight

JOINED: tuple[str, dict[str, Any]] = (
    "REVIEWER_ENROLLED",
    {
        "reviewer_id": "r_1",
        "stratum": "EXPERT",
        "weight": 2,
        "fields": ["TEXTILE"],
        "languages": ["zh", "en"],
        "quota": 3,
        "state": "PRACTISING",
        "how": "APPLIED",
    },
)
PASSED = ("REVIEWER_STATE_SET", {"reviewer_id": "r_1", "state": "ACTIVE", "reason": "PASSED"})


def test_the_pool_is_what_its_entries_made_of_it() -> None:
    changed = {"reviewer_id": "r_1", "weight": 1, "fields": [], "languages": ["zh"], "quota": 9}
    imported = {"reviewers": [{"reviewer_id": "r_0", "stratum": "BUYER_SIDE"}]}
    judged = {"reviewer_id": "r_1", "practice": "p1", "choice": "PARTIAL", "passed": True}
    pool = pool_at(
        [
            JOINED,
            ("PRACTICE_JUDGED", judged),
            PASSED,
            ("REVIEWER_CHANGED", changed),
            ("REVIEWERS_IMPORTED", imported),
        ]
    )

    assert pool == (Reviewer("r_0", "BUYER_SIDE"), Reviewer("r_1", "EXPERT", quota=9))


def test_every_earlier_moment_can_be_had_back() -> None:
    (newcomer,) = pool_at([JOINED])

    assert newcomer == Reviewer("r_1", "EXPERT", 2, ("TEXTILE",), "PRACTISING", ("zh", "en"), 3)
    assert pool_at([]) == ()


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ([("SOMETHING_NEW", {})], "UNKNOWN_EVENT"),
        ([JOINED, JOINED], "DUPLICATE_ID"),
        ([PASSED], "UNKNOWN_ID"),
        ([JOINED, ("REVIEWER_STATE_SET", {"reviewer_id": "r_1", "state": "GONE"})], "UNREADABLE"),
        ([("REVIEWER_ENROLLED", {"reviewer_id": "r_1", "stratum": "FRIENDS"})], "UNREADABLE"),
        ([("REVIEWER_ENROLLED", {})], "UNREADABLE"),
        ([("REVIEWERS_IMPORTED", {"reviewers": [7]})], "UNREADABLE"),
    ],
)
def test_entries_that_make_no_pool_are_refused(
    events: list[tuple[str, dict[str, Any]]], code: str
) -> None:
    with pytest.raises(PoolRefused) as refused:
        pool_at(events)

    assert refused.value.code == code


def test_experience_counts_only_where_much_depends_on_it() -> None:
    assert [weight(1, decided, False) for decided in (0, 4, 20, 99)] == [1, 1, 1, 1]
    assert [weight(1, decided, True) for decided in (0, 4, 5, 19, 20, 99)] == [1, 1, 2, 4, 5, 5]
    assert weight(3, 10, True) == 9


def test_a_high_sum_and_a_thin_majority_are_high_stakes() -> None:
    assert is_high_stakes(200_000)
    assert not is_high_stakes(199_999)
    assert is_high_stakes(100, support=4, reject=3)
    assert not is_high_stakes(100, support=5, reject=2)
    assert not is_thin(0, 0)
