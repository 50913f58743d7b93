"""What a reviewer sees, and what must stay out of sight."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from apiflask import APIFlask

from portal.access import Role
from portal.claims.commands import DecideOffer
from portal.events import Remedy
from portal.panels.forms import drawn_order
from portal.responses import desk
from portal.words import CHOICES
from tests.builders import house_of
from tests.houses import accept_all, case_of, enroll_pool, file_a_claim, perform_todo
from tests.portal.rooms import SHOP_ACTOR, seat_a_panel, sign_in_seat
from tests.values import CASE_NO

PAGE = f"/r/{CASE_NO}"


def after_a_declined_offer(app: APIFlask) -> str:
    """The review page of a case whose buyer declined 77.77 yuan."""
    enroll_pool(app)
    house = house_of(app)
    file_a_claim(house)
    offer = desk.Answer("OFFER", "我们的说明", offer=Remedy("REFUND_ONLY", 7_777))
    desk.respond(house, SHOP_ACTOR, CASE_NO, offer, "offer")
    declined = DecideOffer(CASE_NO, accept=False, text="太少了")
    house.recorder.record(declined, by="BUYER", command_id="decline")
    perform_todo(house)
    accept_all(house)
    drawn = case_of(house).drawn
    assert drawn is not None
    return sign_in_seat(app, drawn.seats[0]).get(PAGE).text


def test_negotiation_does_not_reach_the_panel(app: APIFlask) -> None:
    page = after_a_declined_offer(app)
    for secret in ("77.77", "太少了", "提出方案", "方案"):
        assert secret not in page
    assert "我们的说明" in page


def test_people_stay_out_of_a_reviewers_sight(app: APIFlask) -> None:
    seats = seat_a_panel(app)
    case = case_of(house_of(app))
    page = sign_in_seat(app, seats[0]).get(PAGE).text
    for secret in (case.claim.buyer_ref, case.claim.order_id, case.claim.shop):
        assert secret not in page
    for other in seats[1:]:
        assert other.reviewer_id not in page


def test_both_sides_have_the_same_place_and_the_same_parts(app: APIFlask) -> None:
    seats = seat_a_panel(app)
    page = sign_in_seat(app, seats[0]).get(PAGE).text
    columns = re.findall(r'<section class="col (buyer|merchant)"', page)
    assert columns == ["buyer", "merchant"]
    assert page.count("信用与历史不给评审员看") == 2


def test_the_order_of_the_options_favours_nobody() -> None:
    first = Counter(drawn_order("ab" * 32, seat)[0] for seat in range(1, 401))
    assert set(first) == set(CHOICES)
    assert min(first.values()) > 60


def test_the_order_of_the_options_can_be_recomputed(app: APIFlask) -> None:
    seats = seat_a_panel(app)
    drawn = case_of(house_of(app)).drawn
    assert drawn is not None
    page = sign_in_seat(app, seats[2]).get(PAGE).text
    shown = re.findall(r'name="option" value="(\w+)"', page)
    assert shown == drawn_order(drawn.seed, seats[2].number)


def test_a_shop_that_also_reviews_has_no_seat_in_its_own_case(app: APIFlask) -> None:
    both = replace(SHOP_ACTOR, roles=SHOP_ACTOR.roles | {Role.REVIEWER}, reviewer_id="x")
    enroll_pool(app)
    file_a_claim(house_of(app))
    assert desk.case_of_shop(house_of(app), both, CASE_NO).claim.shop_id == "shop-1"
