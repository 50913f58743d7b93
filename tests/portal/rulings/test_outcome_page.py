"""The outcome as everybody concerned reads it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from msgspec.structs import replace as changed

from portal.access import Role
from portal.cases.commands import ExpireClock
from portal.clock import Clock
from portal.events import Remedy
from portal.responses import desk
from portal.rulings.opening import opened_ballots, seat_name
from tests.houses import case_of, file_a_claim, perform_todo
from tests.people import enroll, sign_in
from tests.portal.rooms import (
    SHOP_ACTOR,
    a_shop,
    a_vote,
    cast,
    house_of,
    seat_a_panel,
    sign_in_seat,
)
from tests.values import CASE_NO, a_claim

PAGE = f"/cases/{CASE_NO}/outcome"
NOTHING_GRANTED = {"amount_fen": 0, "compensation_fen": 0}


def a_buyer(app: APIFlask) -> FlaskClient:
    claim = a_claim()
    enroll(app, "b@example.com", Role.BUYER, buyer_ref=claim.buyer_ref, platform=claim.platform)
    return sign_in(app, "b@example.com")


def judged(app: APIFlask, *votes: tuple[str, str], **changes: object) -> FlaskClient:
    """A buyer's browser after the panel voted; a vote is (choice, text)."""
    seats = seat_a_panel(app, **changes)
    for seat, (choice, text) in zip(seats, votes, strict=False):
        cast(app, seat, a_vote(choice, text=text, **NOTHING_GRANTED))
    if len(votes) < len(seats):
        expire(app)
    perform_todo(house_of(app))
    return a_buyer(app)


def expire(app: APIFlask, hours: int = 49) -> None:
    """Let the running clock run out, as the worker would find it."""
    house = house_of(app)
    clock = case_of(house).clock
    assert clock is not None
    later = Clock(lambda: timedelta(hours=hours))
    wish = ExpireClock(CASE_NO, clock.clock, clock.due_at)
    replace(house.recorder, clock=later).record(wish, by="SYSTEM", command_id="expire")


FIVE_TO_ONE = [("SUPPORT_CLAIMANT", f"理由{n}") for n in range(1, 6)] + [
    ("SUPPORT_RESPONDENT", "说明已经写清楚"),
    ("CANNOT_DETERMINE", "希望看到检测报告"),
]


def test_the_page_tells_outcome_count_reasons_and_every_opened_ballot(app: APIFlask) -> None:
    page = judged(app, *FIVE_TO_ONE).get(PAGE).text
    for shown in (
        "支持买家：退货退款 ¥329.00",
        "7 位评审员中，5 位支持买家，1 位支持商家，1 位认为证据不足。",
        "说明已经写清楚",
        "希望看到检测报告",
        "少数意见",
        "12315",
    ):
        assert shown in page
    assert page.count("打开的票与封签一致") == 7


def test_what_goes_beyond_the_price_is_owed_and_not_called_paid(app: APIFlask) -> None:
    page = judged(app, *FIVE_TO_ONE).get(PAGE).text
    assert '按主播承诺赔付 <span class="num">¥987.00</span>' in page
    assert "应付，尚未支付" in page


def test_a_statutory_penalty_says_that_it_waits_for_an_officer(app: APIFlask) -> None:
    remedies = (Remedy("REFUND_RETURN", 32_900), Remedy("STATUTORY_TRIPLE", 98_700))
    page = judged(app, *[("SUPPORT_CLAIMANT", "是")] * 7, remedies=remedies).get(PAGE).text
    assert "需要专员确认后才生效，还没有确认" in page


def test_reviewers_stay_pseudonyms(app: APIFlask) -> None:
    page = judged(app, *FIVE_TO_ONE).get(PAGE).text
    drawn = case_of(house_of(app)).drawn
    assert drawn is not None
    for seat in drawn.seats:
        assert seat.reviewer_id not in page
    assert all(name in page for name in "甲乙丙丁戊己庚")


def test_a_lost_claim_is_told_plainly(app: APIFlask) -> None:
    page = judged(app, *[("SUPPORT_RESPONDENT", "没有承诺过")] * 7).get(PAGE).text
    assert "没有支持退款" in page
    assert "退款进度" not in page
    assert "12315" in page


def test_a_missing_quorum_names_the_seats_that_did_not_vote(app: APIFlask) -> None:
    page = judged(app, ("SUPPORT_CLAIMANT", "是"), ("SUPPORT_CLAIMANT", "是")).get(PAGE).text
    assert "无法判定" in page
    assert "5 位没有有效投票" in page
    assert "到期时作出判断的票数不到席位的三分之二。" in page


def test_percent_signs_and_markup_in_a_ballot_are_text(app: APIFlask) -> None:
    nasty = "聚酯纤维 95% %(n)s <b>不符</b>"
    answer = judged(app, *[("SUPPORT_CLAIMANT", nasty)] * 7).get(PAGE)
    assert answer.status_code == 200
    assert "95% %(n)s &lt;b&gt;不符&lt;/b&gt;" in answer.text


def test_a_default_has_no_votes_and_says_why(app: APIFlask) -> None:
    file_a_claim(house_of(app))
    expire(app)
    page = a_buyer(app).get(PAGE).text
    assert "商家逾期未答复，按买家诉求处理：退货退款 ¥329.00" in page
    assert "没有进入评审，也没有投票" in page
    assert "投票开封" not in page


def test_a_settlement_says_that_both_agreed(app: APIFlask) -> None:
    file_a_claim(house_of(app))
    desk.respond(house_of(app), SHOP_ACTOR, CASE_NO, desk.Answer("AGREE"), "agree")
    page = a_shop(app).get(PAGE).text
    assert "双方和解：退货退款 ¥329.00" in page
    assert "投票开封" not in page


def test_before_a_ruling_there_is_no_outcome_for_anybody(app: APIFlask) -> None:
    seats = seat_a_panel(app)
    cast(app, seats[0])
    for client in (a_buyer(app), a_shop(app), sign_in_seat(app, seats[0])):
        answer = client.get(PAGE)
        assert answer.status_code == 404
        assert "本案还没有处理结论" in answer.text


@pytest.mark.parametrize("role", [Role.BUYER, Role.MERCHANT])
def test_others_do_not_see_it(app: APIFlask, role: Role) -> None:
    judged(app, *FIVE_TO_ONE)
    enroll(app, "x@example.com", role, buyer_ref="b_x", platform="hailiao-live", shop_id="shop-x")
    assert sign_in(app, "x@example.com").get(PAGE).status_code == 404


def test_the_refund_is_followed_to_the_providers_record(app: APIFlask) -> None:
    claim = {"remedies": (Remedy("REFUND_ONLY", 12_000),)}
    client = judged(app, *FIVE_TO_ONE, **claim)
    case = case_of(house_of(app))
    assert case.state == "EXECUTED"
    assert case.refund is not None
    page = client.get(PAGE).text
    for shown in (case.refund.refund_no, case.refund.provider_ref, "原路退回（微信支付）"):
        assert shown in page


def test_an_exchanged_ballot_is_seen(app: APIFlask) -> None:
    judged(app, *FIVE_TO_ONE)
    house, case = house_of(app), case_of(house_of(app))
    first, second, *rest = case.ballots
    swapped = (
        changed(first, sealed=second.sealed),
        changed(second, sealed=first.sealed),
        *rest,
    )
    assert all(o.matches for o in opened_ballots(house.files, case))
    opened = opened_ballots(house.files, replace(case, ballots=swapped))
    assert [o.matches for o in opened[:3]] == [False, False, True]


def test_seats_have_names_in_order() -> None:
    assert [seat_name(n) for n in (1, 2, 7, 15, 16)] == ["甲", "乙", "庚", "辰", "16"]
