"""Answering a claim, as a shop does it on its pages and as a program does it."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from apiflask import APIFlask

from portal.cases.commands import ExpireClock
from portal.claims.commands import ShipReturn
from portal.clock import Clock
from portal.events import Remedy
from tests.builders import SAMPLES, house_of
from tests.houses import case_of, file_a_claim
from tests.people import form_token
from tests.portal.rooms import SHOP, a_shop, a_token, send
from tests.values import CASE_NO

PAGE = f"/shop/c/{CASE_NO}"
API = f"/api/v1/cases/{CASE_NO}/response"


@pytest.fixture(autouse=True)
def claim(app: APIFlask) -> None:
    file_a_claim(house_of(app))


def test_the_page_shows_claim_exhibits_deadline_and_its_consequence(app: APIFlask) -> None:
    page = a_shop(app).get(PAGE).text
    silence = "到时没有答复，就按现有记录支持买家的诉求"
    for shown in ("主播说百分百桑蚕丝，吊牌写聚酯纤维。", "买1", silence):
        assert shown in page


def test_another_shop_does_not_learn_that_the_case_exists(app: APIFlask) -> None:
    other = a_shop(app, "other@example.com", "shop-2")
    assert other.get(PAGE).status_code == 404
    assert send(other, "/shop", PAGE, answer="AGREE").status_code == 404
    assert case_of(house_of(app)).response is None


def test_a_denial_is_recorded_and_the_page_says_so(app: APIFlask) -> None:
    shop = a_shop(app)
    answer = send(shop, PAGE, answer="DENY", reason_code="AS_SAID", text="讲的是另一款")
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert case_of(house_of(app)).state == "PANEL_DRAW"
    assert "讲的是另一款" in shop.get(PAGE).text


def test_a_mistake_loses_nothing_that_was_written(app: APIFlask) -> None:
    answer = send(
        a_shop(app), PAGE, answer="OFFER", offer="REFUND_ONLY", amount_fen="3290", text="愿意协商"
    )
    assert answer.status_code == 422
    for kept in ('value="3290"', "愿意协商", "不能高于还可以退的 ¥329.00", "<title>出错："):
        assert kept in answer.text
    assert case_of(house_of(app)).response is None


@pytest.mark.parametrize("typed", ["many", "-5", "1.234", "1,23"])
def test_an_amount_that_cannot_be_read_is_asked_again(app: APIFlask, typed: str) -> None:
    answer = send(a_shop(app), PAGE, answer="OFFER", offer="REFUND_ONLY", amount_fen=typed)
    assert answer.status_code == 422
    assert "请写金额，例如 260 或 260.50" in answer.text


def test_an_offer_is_made_in_yuan_and_recorded_in_fen(app: APIFlask) -> None:
    send(a_shop(app), PAGE, answer="OFFER", offer="REFUND_ONLY", amount_fen="￥２６０．５")
    offer = case_of(house_of(app)).offer
    assert offer is not None
    assert offer.remedy == Remedy("REFUND_ONLY", 26_050)


def test_two_of_one_shop_make_one_answer_and_the_second_learns_what_happened(
    app: APIFlask,
) -> None:
    first, second = a_shop(app), a_shop(app, "colleague@example.com")
    assert send(first, PAGE, answer="AGREE").status_code == 303
    answer = send(second, PAGE, answer="DENY", reason_code="AS_SAID", text="我不同意，因为……")
    assert answer.status_code == 409
    for said in ("同店的人已经答复了这件投诉", "同意买家诉求", "我不同意，因为……"):
        assert said in answer.text
    assert case_of(house_of(app)).state == "AWAITING_RETURN"


def test_a_double_click_answers_once(app: APIFlask) -> None:
    shop = a_shop(app)
    for _click in range(2):
        answer = send(shop, PAGE, answer="AGREE", command_id="the-form-as-drawn")
        assert answer.status_code == 303


def test_files_travel_with_the_form_and_become_exhibits(app: APIFlask) -> None:
    photo = (SAMPLES / "silk-shirt/evidence/merchant/outbound.jpg").read_bytes()
    files = [(io.BytesIO(photo), "出库.jpg"), (io.BytesIO(photo), "同一张.jpg")]
    answer = send(
        a_shop(app), PAGE, answer="DENY", reason_code="AS_SAID", text="已核对", files=files
    )
    assert answer.status_code == 303
    own = [x for x in case_of(house_of(app)).exhibits if x.side == "MERCHANT"]
    assert [(x.number, x.name) for x in own] == [("M1", "出库.jpg")]


def test_files_survive_a_mistake_and_can_be_taken_back(app: APIFlask) -> None:
    photo = io.BytesIO((SAMPLES / "silk-shirt/evidence/merchant/outbound.jpg").read_bytes())
    shop = a_shop(app)
    answer = send(shop, PAGE, answer="DENY", text="缺理由", files=[(photo, "出库.jpg")])
    assert answer.status_code == 422
    kept = answer.text.partition('name="uploaded" value="')[2][:32]
    assert "出库.jpg" in answer.text
    assert shop.get(f"{PAGE}/files/{kept}/picture").mimetype == "image/webp"
    without = send(shop, PAGE, f"{PAGE}/files/{kept}/remove", text="还在", answer="DENY")
    assert "出库.jpg" not in without.text
    assert "还在" in without.text


def test_a_file_that_is_none_is_refused_with_a_sentence_for_the_script(app: APIFlask) -> None:
    shop = a_shop(app)
    answer = shop.post(
        f"{PAGE}/files",
        data={"csrf_token": form_token(shop, PAGE), "files": (io.BytesIO(b"<html>"), "a.jpg")},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 409
    assert answer.get_json()["message"]


def test_files_of_a_shop_are_not_for_others(app: APIFlask) -> None:
    other = a_shop(app, "other@example.com", "shop-2")
    assert other.get(f"{PAGE}/files/{'0' * 32}/picture").status_code == 404


def test_a_program_answers_once_per_key(app: APIFlask) -> None:
    a_shop(app)
    header = a_token(app, SHOP) | {"Idempotency-Key": "answer-1"}
    body = {"answer": "OFFER", "text": "", "offer": {"code": "REFUND_ONLY", "amount_fen": 26000}}
    client = app.test_client()
    first, again = (client.post(API, json=body, headers=header) for _time in range(2))
    assert first.status_code == 200
    assert first.get_json() == again.get_json()
    assert first.get_json()["receipt"]["stream"] == f"case/{CASE_NO}"
    other = client.post(API, json=body, headers=a_token(app, SHOP))
    assert (other.status_code, other.get_json()["message"]) == (409, "本案已经答复过，不能再改")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"answer": "DENY", "text": "x"}, "reason_code"),
        ({"answer": "MAYBE"}, "answer"),
        ({"answer": "AGREE", "more": 1}, "more"),
        ({"answer": "OFFER", "offer": {"code": "REFUND_ONLY", "amount_fen": 1.5}}, None),
        ({"answer": "DENY", "reason_code": "AS_SAID", "text": "\ud800"}, "text"),
    ],
)
def test_a_program_hears_which_field_is_wrong(
    app: APIFlask, body: dict[str, object], field: str | None
) -> None:
    a_shop(app)
    answer = app.test_client().post(API, json=body, headers=a_token(app, SHOP))
    assert answer.status_code == 422
    assert answer.get_json()["field"] == (field or "offer.amount_fen")


def test_a_confirmed_parcel_starts_the_refund(app: APIFlask) -> None:
    house = house_of(app)
    shop = a_shop(app)
    send(shop, PAGE, answer="AGREE")
    house.recorder.record(ShipReturn(CASE_NO, "顺丰", "SF1"), by="BUYER", command_id="ship")
    assert "SF1" in shop.get(PAGE).text
    assert send(shop, PAGE, f"{PAGE}/return").status_code == 303
    assert case_of(house).state == "REFUNDING"


def test_exhibits_may_follow_while_the_buyer_decides(app: APIFlask) -> None:
    shop = a_shop(app)
    send(shop, PAGE, answer="OFFER", offer="REPLACE")
    photo = io.BytesIO((SAMPLES / "silk-shirt/evidence/merchant/outbound.jpg").read_bytes())
    send(shop, PAGE, f"{PAGE}/evidence", files=[(photo, "出库.jpg")])
    assert [x.number for x in case_of(house_of(app)).exhibits] == ["B1", "M1"]
    assert "凭证 商1 已写入存证。" in shop.get(PAGE).text


def test_an_answer_after_the_deadline_is_given_back_with_the_reason(app: APIFlask) -> None:
    house = house_of(app)
    clock = case_of(house).clock
    assert clock is not None
    late = Clock(lambda: timedelta(hours=25))
    wish = ExpireClock(CASE_NO, clock.clock, clock.due_at)
    replace(house.recorder, clock=late).record(wish, by="SYSTEM", command_id="expire")
    answer = send(a_shop(app), PAGE, answer="DENY", reason_code="AS_SAID", text="来晚了的说明")
    assert answer.status_code == 409
    assert "答复期限已经过了" in answer.text
    assert "来晚了的说明" in answer.text
