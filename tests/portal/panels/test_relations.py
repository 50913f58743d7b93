"""Who is left out of a draw, from what accounts, orders, cases and ties show."""

from __future__ import annotations

from apiflask import APIFlask

from portal.access import Role
from portal.cases.state import Case
from portal.events import Remedy
from portal.orders.tables import OrderRow
from portal.panels.pool import busy, candidates_for
from portal.panels.relations import late_conflicts
from portal.panels.tables import ReviewerTie
from portal.pool.commands import ChangeReviewer, EnrollReviewer, SetReviewerState
from portal.responses import desk as responses
from reviewers.candidates import Fixed
from tests.builders import house_of, platform_of, record_sample
from tests.houses import accept_all, case_of, enroll_one, enroll_pool, file_a_claim, perform_todo
from tests.people import enroll
from tests.portal.rooms import SHOP_ACTOR, cast, seat_a_panel
from tests.values import a_claim

OTHER_NO = "MA-2026-000002"


def fixed(app: APIFlask, case: Case) -> Fixed:
    with house_of(app).sessions() as session:
        return candidates_for(session, case)


def excluded(app: APIFlask, **changes: object) -> dict[str, str]:
    case = file_a_claim(house_of(app), f"claim/{changes}", **changes)
    return dict(fixed(app, case).excluded)


def tie(app: APIFlask, reviewer_id: str, kind: str, value: str) -> None:
    house = house_of(app)
    with house.sessions.begin() as session:
        row = {"reviewer_id": reviewer_id, "kind": kind, "value": value}
        session.add(ReviewerTie(**row, source="IMPORTED", at=house.clock.now()))


def a_reviewer_with(app: APIFlask, reviewer_id: str, role: Role, **references: str) -> None:
    """Somebody who is a party elsewhere, or here, and a reviewer too."""
    email = f"{reviewer_id}@example.com"
    enroll(app, email, role, Role.REVIEWER, reviewer_id=reviewer_id, **references)
    wish = EnrollReviewer(reviewer_id, "BUYER_SIDE")
    house_of(app).recorder.record(wish, by="OPERATOR", command_id=f"enroll/{reviewer_id}")


def test_the_buyer_and_the_merchant_do_not_judge_their_own_case(app: APIFlask) -> None:
    claim = a_claim()
    ref = claim.buyer_ref
    a_reviewer_with(app, "r_buyer", Role.BUYER, buyer_ref=ref, platform=claim.platform)
    a_reviewer_with(app, "r_owner", Role.MERCHANT, shop_id="other", merchant_id=claim.merchant_id)
    a_reviewer_with(app, "r_clerk", Role.MERCHANT, shop_id=claim.shop_id, merchant_id="other")
    a_reviewer_with(app, "r_free", Role.MERCHANT, shop_id="else", merchant_id="else")
    assert excluded(app) == {
        "r_buyer": "SAME_PARTY",
        "r_owner": "SAME_PARTY",
        "r_clerk": "SHOP_RELATION",
    }


def test_ties_that_were_declared_or_imported_keep_people_away(app: APIFlask) -> None:
    enroll_pool(app)
    claim = a_claim()
    told = {
        "r_buyer_side_0": ("RELATIVE_OF", claim.buyer_ref),
        "r_buyer_side_1": ("WORKED_FOR", claim.merchant_id),
        "r_buyer_side_2": ("COMPETITOR", claim.merchant_id),
        "r_buyer_side_3": ("BUYER_REF", claim.buyer_ref),
        "r_buyer_side_4": ("SHOP", claim.shop_id),
        "r_merchant_side_0": ("WORKED_FOR", claim.shop_id),
        "r_merchant_side_1": ("WORKED_FOR", "another-shop"),
    }
    for reviewer_id, (kind, value) in told.items():
        tie(app, reviewer_id, kind, value)
    assert excluded(app) == {
        "r_buyer_side_0": "RELATIVE",
        "r_buyer_side_1": "EMPLOYMENT",
        "r_buyer_side_2": "COMPETITOR",
        "r_buyer_side_3": "SAME_PARTY",
        "r_buyer_side_4": "SAME_PARTY",
        "r_merchant_side_0": "SHOP_RELATION",
    }


def test_whoever_bought_in_the_shop_does_not_judge_it(app: APIFlask) -> None:
    record_sample(app, "silk-shirt", livestream=False)
    claim = a_claim()
    with house_of(app).sessions() as session:
        order = session.query(OrderRow).one()
        buyer_ref, shop_id = order.buyer_ref, order.shop_id
    a_reviewer_with(app, "r_fan", Role.BUYER, buyer_ref=buyer_ref, platform=claim.platform)
    enroll_pool(app, each=1)
    tie(app, "r_expert_0", "BUYER_REF", buyer_ref)
    found = excluded(app, shop_id=shop_id, buyer_ref="b_somebody_else_0000")
    assert found == {"r_fan": "PRIOR_BUYER", "r_expert_0": "PRIOR_BUYER"}


def test_whoever_lives_with_the_buyer_does_not_judge_them(app: APIFlask) -> None:
    claim = a_claim()
    a_reviewer_with(app, "r_buyer", Role.BUYER, buyer_ref=claim.buyer_ref, platform=claim.platform)
    enroll_pool(app, each=2)
    tie(app, "r_buyer", "ADDRESS", "d" * 64)
    tie(app, "r_expert_1", "ADDRESS", "d" * 64)
    tie(app, "r_expert_0", "ADDRESS", "e" * 64)
    assert excluded(app) == {
        "r_buyer": "SAME_PARTY",
        "r_expert_1": "SAME_DEVICE_OR_ADDRESS",
    }


def test_only_active_reviewers_with_an_account_are_drawn(app: APIFlask) -> None:
    house = house_of(app)
    enroll_pool(app, each=2)
    house.recorder.record(
        SetReviewerState("r_expert_0", "PAUSED", "休假"), by="OPERATOR", command_id="p"
    )
    house.recorder.record(EnrollReviewer("r_ghost", "EXPERT"), by="OPERATOR", command_id="g")
    found = fixed(app, file_a_claim(house))
    assert found.excluded == {"r_ghost": "OTHER"}
    assert found.candidates["EXPERT"] == (("r_expert_1", 1),)


def test_a_reviewer_at_the_quota_is_left_out_until_a_vote_is_in(app: APIFlask) -> None:
    seats = seat_a_panel(app)
    house, first = house_of(app), seats[0].reviewer_id
    wish = ChangeReviewer(first, 1, (), ("zh",), 1)
    house.recorder.record(wish, by="OPERATOR", command_id="quota")
    with house.sessions() as session:
        assert busy(session) == {first}
    assert excluded(app, case_no=OTHER_NO) == {first: "WORKLOAD"}
    cast(app, seats[0])
    with house.sessions() as session:
        assert busy(session) == frozenset()


def test_two_cases_at_once_have_panels_of_their_own(app: APIFlask) -> None:
    seats = seat_a_panel(app)
    house = house_of(app)
    file_a_claim(house, "claim/2", case_no=OTHER_NO, order_id="HL2")
    answer = responses.Answer("DENY", "详情页写明聚酯纤维", "AS_SAID")
    responses.respond(house, SHOP_ACTOR, OTHER_NO, answer, "answer/2")
    perform_todo(house, OTHER_NO)
    accept_all(house, OTHER_NO)
    assert case_of(house, OTHER_NO).state == "DELIBERATION"
    assert [s.reviewer_id for s in case_of(house).seats] == [s.reviewer_id for s in seats]


def test_a_tie_found_later_is_a_conflict_of_whoever_sits(app: APIFlask) -> None:
    seats = seat_a_panel(app)
    tie(app, seats[5].reviewer_id, "RELATIVE_OF", a_claim().buyer_ref)
    with house_of(app).sessions() as session:
        found = late_conflicts(session, case_of(house_of(app)))
    assert found == {seats[5].reviewer_id: "RELATIVE"}


def test_a_small_clear_claim_goes_to_three_seats_by_itself(app: APIFlask) -> None:
    remedies = (Remedy("REFUND_ONLY", 9_900),)
    seats = seat_a_panel(app, remedies=remedies, reason_code="F01_NOT_RECEIVED")
    case = case_of(house_of(app))
    assert (case.track, len(seats)) == ("FAST", 3)
    assert [seat.stratum for seat in seats].count("EXPERT") == 1


def test_a_small_claim_that_needs_judgement_keeps_seven_seats(app: APIFlask) -> None:
    remedies = (Remedy("REFUND_ONLY", 9_900),)
    assert len(seat_a_panel(app, remedies=remedies)) == 7


def test_all_experts_in_conflict_leave_the_case_waiting_and_named(app: APIFlask) -> None:
    enroll_pool(app)
    for number in range(5):
        tie(app, f"r_expert_{number}", "WORKED_FOR", a_claim().shop_id)
    found = fixed(app, file_a_claim(house_of(app)))
    assert found.counts["EXPERT"] == 0
    assert set(found.excluded.values()) == {"SHOP_RELATION"}


def test_experts_of_the_field_are_preferred_when_there_are_enough(app: APIFlask) -> None:
    house = house_of(app)
    order_id = record_sample(app, "silk-shirt", livestream=False)
    enroll_pool(app, each=1)
    for number in range(2):
        enroll_one(app, house, f"r_tailor_{number}", "EXPERT")
        wish = ChangeReviewer(f"r_tailor_{number}", 1, ("APPAREL",), ("zh",), 5)
        house.recorder.record(wish, by="OPERATOR", command_id=f"field/{number}")
    platform = platform_of("silk-shirt").platform
    case = file_a_claim(house, platform=platform, order_id=order_id)
    found = fixed(app, case)
    assert found.candidates["EXPERT/APPAREL"] == (("r_tailor_0", 1), ("r_tailor_1", 1))
