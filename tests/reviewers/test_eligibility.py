from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reviewers.eligibility import Conflict, Eligible, Parties, Profile, screen
from reviewers.pool import Reviewer, Stratum

PARTIES = Parties(buyer_ref="b_1", merchant_id="mer-1", shop_id="shop-1")


def screened(profile: Profile, **changes: Any) -> Eligible:
    pool = [Reviewer("r_1", Stratum.EXPERT, weight=2)]
    return screen(pool, replace(PARTIES, **changes), [profile])


def test_a_reviewer_without_ties_is_a_candidate_with_his_weight() -> None:
    found = screened(Profile("r_1", buyer_ref="b_2", bought_from=frozenset({"shop-2"})))

    assert found.candidates[Stratum.EXPERT] == (("r_1", 2),)
    assert found.exclusions == ()


@pytest.mark.parametrize(
    ("profile", "code"),
    [
        (Profile("r_1", buyer_ref="b_1"), Conflict.SAME_PARTY),
        (Profile("r_1", merchant_ids=frozenset({"mer-1"})), Conflict.SAME_PARTY),
        (Profile("r_1", worked_for=frozenset({"mer-1"})), Conflict.EMPLOYMENT),
        (Profile("r_1", worked_for=frozenset({"shop-1"})), Conflict.SHOP_RELATION),
        (Profile("r_1", bought_from=frozenset({"shop-1"})), Conflict.PRIOR_BUYER),
        (Profile("r_1", devices=frozenset({"d-1"})), Conflict.SAME_DEVICE_OR_ADDRESS),
        (Profile("r_1", worked_for=frozenset({"shop-9"})), Conflict.COMPETITOR),
        (Profile("r_1", merchant_ids=frozenset({"shop-9"})), Conflict.COMPETITOR),
    ],
)
def test_a_tie_to_a_party_excludes_and_is_named(profile: Profile, code: Conflict) -> None:
    found = screened(profile, devices=frozenset({"d-1"}), competitors=frozenset({"shop-9"}))

    assert found.exclusions == (("r_1", code),)
    assert found.candidates[Stratum.EXPERT] == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"busy": frozenset({"r_1"})}, Conflict.WORKLOAD),
        ({"prior": frozenset({"r_1"})}, Conflict.PRIOR_ROUND),
        ({"declared": {"r_1": Conflict.CONSCIENCE}}, Conflict.CONSCIENCE),
        ({"declared": {"r_1": Conflict.RELATIVE}, "busy": {"r_1"}}, Conflict.RELATIVE),
    ],
)
def test_what_the_case_knows_of_a_reviewer_excludes_too(
    changes: dict[str, Any], code: Conflict
) -> None:
    assert screened(Profile("r_1"), **changes).exclusions == (("r_1", code),)


def test_of_several_conflicts_the_first_of_the_published_order_is_named() -> None:
    found = screened(
        Profile("r_1", bought_from=frozenset({"shop-1"}), worked_for=frozenset({"shop-1"})),
        busy=frozenset({"r_1"}),
    )
    assert found.exclusions == (("r_1", Conflict.SHOP_RELATION),)


def test_a_reviewer_who_cannot_be_checked_is_not_a_candidate() -> None:
    found = screen([Reviewer("r_1", Stratum.EXPERT)], PARTIES, [])

    assert found.exclusions == (("r_1", Conflict.OTHER),)


def test_a_suspended_reviewer_is_neither_candidate_nor_excluded() -> None:
    found = screen([Reviewer("r_1", Stratum.EXPERT, state="SUSPENDED")], PARTIES, [])

    assert found.exclusions == ()
    assert not any(found.candidates.values())


def test_the_order_of_the_pool_does_not_show_in_the_candidates() -> None:
    pool = [Reviewer(id_, Stratum.BUYER_SIDE) for id_ in ("r_b", "r_c", "r_a")]
    found = screen(pool, PARTIES, [Profile(one.id) for one in pool])

    assert [id_ for id_, _ in found.candidates[Stratum.BUYER_SIDE]] == ["r_a", "r_b", "r_c"]
