from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reviewers.candidates import Fixed
from reviewers.eligibility import (
    NO_TIES,
    Conflict,
    Parties,
    Profile,
    conflict,
    screen,
    seats_for,
)
from reviewers.pool import Reviewer, Stratum
from reviewers.tracks import Track

PARTIES = Parties(buyer_ref="b_1", merchant_id="mer-1", shop_id="shop-1")


def screened(profile: Profile, **changes: Any) -> Fixed:
    pool = [Reviewer("r_1", Stratum.EXPERT, weight=2)]
    return screen(pool, replace(PARTIES, **changes), {"r_1": profile})


def test_a_reviewer_without_ties_is_a_candidate_with_his_weight() -> None:
    found = screened(Profile(buyer_ref="b_2", bought_from=frozenset({"shop-2"})))

    assert found.candidates[Stratum.EXPERT] == (("r_1", 2),)
    assert found.excluded == {}


@pytest.mark.parametrize(
    ("profile", "code"),
    [
        (Profile(buyer_ref="b_1"), Conflict.SAME_PARTY),
        (Profile(merchant_ids=frozenset({"mer-1"})), Conflict.SAME_PARTY),
        (Profile(worked_for=frozenset({"mer-1"})), Conflict.EMPLOYMENT),
        (Profile(worked_for=frozenset({"shop-1"})), Conflict.SHOP_RELATION),
        (Profile(bought_from=frozenset({"shop-1"})), Conflict.PRIOR_BUYER),
        (Profile(devices=frozenset({"d-1"})), Conflict.SAME_DEVICE_OR_ADDRESS),
        (Profile(addresses=frozenset({"a-1"})), Conflict.SAME_DEVICE_OR_ADDRESS),
        (Profile(relatives_of=frozenset({"b_1"})), Conflict.RELATIVE),
        (Profile(relatives_of=frozenset({"shop-1"})), Conflict.RELATIVE),
        (Profile(declared={"mer-1": "PUBLIC_STATEMENT"}), Conflict.PUBLIC_STATEMENT),
        (Profile(worked_for=frozenset({"shop-9"})), Conflict.COMPETITOR),
        (Profile(merchant_ids=frozenset({"shop-9"})), Conflict.COMPETITOR),
    ],
)
def test_a_tie_to_a_party_excludes_and_is_named(profile: Profile, code: Conflict) -> None:
    found = screened(
        profile,
        devices=frozenset({"d-1"}),
        addresses=frozenset({"a-1"}),
        competitors=frozenset({"shop-9"}),
    )

    assert found.excluded == {"r_1": code}
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
    assert screened(NO_TIES, **changes).excluded == {"r_1": code}


def test_of_several_conflicts_the_first_of_the_published_order_is_named() -> None:
    found = screened(
        Profile(bought_from=frozenset({"shop-1"}), worked_for=frozenset({"shop-1"})),
        busy=frozenset({"r_1"}),
    )
    assert found.excluded == {"r_1": "SHOP_RELATION"}


def test_a_reviewer_who_cannot_be_checked_is_not_a_candidate() -> None:
    found = screen([Reviewer("r_1", Stratum.EXPERT)], PARTIES, {})

    assert found.excluded == {"r_1": "OTHER"}


def test_a_suspended_reviewer_is_neither_candidate_nor_excluded() -> None:
    found = screen([Reviewer("r_1", Stratum.EXPERT, state="SUSPENDED")], PARTIES, {})

    assert found.excluded == {}
    assert not any(found.candidates.values())


def test_the_order_of_the_pool_does_not_show_in_the_candidates() -> None:
    pool = [Reviewer(id_, Stratum.BUYER_SIDE) for id_ in ("r_b", "r_c", "r_a")]
    found = screen(pool, PARTIES, {one.id: NO_TIES for one in pool})

    assert [id_ for id_, _ in found.candidates[Stratum.BUYER_SIDE]] == ["r_a", "r_b", "r_c"]


EXPERTS = [
    Reviewer("r_t1", "EXPERT", fields=("TEXTILE",)),
    Reviewer("r_t2", "EXPERT", fields=("FOOD", "TEXTILE")),
    Reviewer("r_food", "EXPERT", fields=("FOOD",)),
    Reviewer("r_buyer", "BUYER_SIDE", fields=("TEXTILE",)),
]
UNTIED = {one.id: NO_TIES for one in EXPERTS}


def test_experts_of_the_field_are_drawn_from_a_stratum_of_their_own() -> None:
    found = screen(EXPERTS, PARTIES, UNTIED, expert_field="TEXTILE")

    assert found.candidates["EXPERT/TEXTILE"] == (("r_t1", 1), ("r_t2", 1))
    assert found.candidates["EXPERT"] == (("r_food", 1),)
    assert found.candidates["BUYER_SIDE"] == (("r_buyer", 1),)
    assert seats_for(Track.STANDARD.seats, found) == {
        "BUYER_SIDE": 3,
        "MERCHANT_SIDE": 3,
        "EXPERT/TEXTILE": 1,
    }


def test_too_few_of_the_field_leave_all_experts_in_one_stratum() -> None:
    found = screen(EXPERTS, PARTIES, UNTIED, expert_field="TEXTILE", expert_seats=2)

    assert len(found.candidates["EXPERT"]) == 3
    assert seats_for(Track.STANDARD.seats, found)["EXPERT"] == 1


@pytest.mark.parametrize("weigh", [lambda one: 7, {"r_1": 7}])
def test_the_weight_of_a_candidate_can_depend_on_the_case(weigh: Any) -> None:
    pool = [Reviewer("r_1", Stratum.EXPERT, weight=2)]
    found = screen(pool, PARTIES, {"r_1": NO_TIES}, weigh)

    assert found.candidates["EXPERT"] == (("r_1", 7),)


def test_a_seated_reviewer_can_be_asked_again() -> None:
    assert conflict("r_1", NO_TIES, PARTIES) is None
    assert conflict("r_1", Profile(buyer_ref="b_1"), PARTIES) == Conflict.SAME_PARTY
