"""The outcome as everybody concerned reads it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from msgspec.structs import replace as changed

from portal.access import Role
from portal.events import Remedy
from portal.responses import desk
from portal.rulings.names import seat_name
from portal.rulings.opening import opened_ballots
from tests.builders import house_of
from tests.houses import case_of, file_a_claim
from tests.people import enroll, sign_in
from tests.portal.rooms import SHOP_ACTOR, a_shop, cast, seat_a_panel, sign_in_seat
from tests.portal.verdicts import (
    a_buyer,
    accept,
    appeal,
    expire,
    for_the_claim,
    hear,
    judge,
    said,
)
from tests.values import CASE_NO

PAGE = f"/cases/{CASE_NO}/outcome"


def judged(app: APIFlask, *votes: tuple[str, str], **changes: object) -> FlaskClient:
    """A buyer's browser after the panel voted; a vote is (choice, text)."""
    judge(app, *(said(choice, text) for choice, text in votes), **changes)
    return a_buyer(app)


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
    assert "支持买家：退货退款 ¥329.00，另付 ¥987.00" in page
    assert '按主播承诺赔付 <span class="num">¥987.00</span>' in page
    assert "应付，尚未支付" in page


def test_a_statutory_penalty_says_that_it_waits_for_an_officer(app: APIFlask) -> None:
    remedies = (Remedy("REFUND_RETURN", 32_900), Remedy("STATUTORY_TRIPLE", 98_700))
    page = judged(app, *[("SUPPORT_CLAIMANT", "是")] * 7, remedies=remedies).get(PAGE).text
    assert "需要专员确认后才生效，还没有确认" in page
    assert "另付" not in page
    assert page.count("<li>是") == 1  # said by seven, told once


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
    assert "款项进度" not in page
    assert "12315" in page


def test_a_panel_that_decides_nothing_has_no_outcome_yet(app: APIFlask) -> None:
    client = judged(app, ("SUPPORT_CLAIMANT", "是"), ("SUPPORT_CLAIMANT", "是"))
    assert client.get(PAGE).status_code == 404
    page = client.get(f"/cases/{CASE_NO}").text
    assert "评审没有得出结论，等专员写明理由作出结论。" in page


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
    accept(app, "MERCHANT")
    case = case_of(house_of(app))
    assert case.state == "EXECUTED"
    assert case.refund is not None
    page = client.get(PAGE).text
    for shown in (case.refund.refund_no, case.refund.provider_ref, "原路退回（微信支付）"):
        assert shown in page


def test_an_exchanged_ballot_is_seen(app: APIFlask) -> None:
    judged(app, *FIVE_TO_ONE)
    house, panel = house_of(app), case_of(house_of(app)).round
    first, second, *rest = panel.ballots
    swapped = (
        changed(first, sealed=second.sealed),
        changed(second, sealed=first.sealed),
        *rest,
    )
    assert all(o.matches for o in opened_ballots(house.files, panel))
    opened = opened_ballots(house.files, replace(panel, ballots=swapped))
    assert [o.matches for o in opened[:3]] == [False, False, True]


def test_the_computation_marks_the_median_and_names_the_offline_recount(app: APIFlask) -> None:
    page = judged(app, *FIVE_TO_ONE).get(PAGE).text
    for shown in ("怎么算出来的", "中位", f"python -m reviewers recount {CASE_NO}.zip"):
        assert shown in page


def test_the_split_of_liability_is_told_in_figures(app: APIFlask) -> None:
    vote = said("SUPPORT_CLAIMANT", liability={"MERCHANT": 6_667, "HOST": 3_333})
    judge(app, *[vote] * 7)
    page = a_buyer(app).get(PAGE).text
    for shown in ("责任由谁承担", "66.67%", "33.33%", "主播"):
        assert shown in page


def test_the_ruling_says_what_happens_next_and_until_when(app: APIFlask) -> None:
    client = judged(app, *[("SUPPORT_CLAIMANT", "是")] * 7)
    assert "等申请复核的期限" not in client.get(PAGE).text
    assert "结论支持了你的全部主张，现在不用你做什么。" in client.get(PAGE).text
    shop = a_shop(app).get(PAGE).text
    for shown in ("申请复核", "接受结论，马上执行", "到时没有人申请复核，结论生效并执行。"):
        assert shown in shop


def test_an_appeals_outcome_keeps_the_first_panel_in_sight(app: APIFlask) -> None:
    for_the_claim(app)
    appeal(app)
    hear(app, *[said("SUPPORT_RESPONDENT", "规则不适用")] * 15)
    page = a_buyer(app).get(PAGE).text
    for shown in ("复核更改了原来的结论。", "15 位评审员中，15 位支持商家。", "第一次评审"):
        assert shown in page
    assert "吊牌与口播不符。" in page


def test_the_page_speaks_english(app: APIFlask) -> None:
    client = judged(app, *FIVE_TO_ONE)
    page = client.get(PAGE, headers={"Accept-Language": "en"}).text
    assert not [line for line in untranslated(page) if "理由" not in line]


def untranslated(page: str) -> list[str]:
    """Our own sentences that stayed Chinese: what stands in the article's headings and notes."""
    return re.findall(r"<h[123][^>]*>([^<]*[\u4e00-\u9fff][^<]*)</h", page)


def test_seats_have_names_in_order() -> None:
    assert [seat_name(n) for n in (1, 2, 7, 15, 16)] == ["甲", "乙", "庚", "辰", "16"]
