"""An appeal as the two sides see it: pages, buttons, programs, and who may not."""

from __future__ import annotations

import io
from typing import Any

import pytest
from apiflask import APIFlask
from PIL import Image

from portal.access import Role
from portal.events import PanelVoided
from portal.panels.commands import ConsentToVoid, VoidPanel
from tests.builders import house_of
from tests.houses import case_of, file_a_claim, perform_todo
from tests.people import form_token
from tests.portal.rooms import SHOP, a_shop, a_token, send
from tests.portal.verdicts import (
    a_buyer,
    accept,
    appeal,
    expire,
    for_a_part,
    for_the_claim,
    hear,
    said,
    somebody,
)
from tests.values import CASE_NO

APPEAL, ANSWER = f"/cases/{CASE_NO}/appeal", f"/cases/{CASE_NO}/appeal/answer"
ACCEPT, OUTCOME = f"/cases/{CASE_NO}/ruling/accept", f"/cases/{CASE_NO}/outcome"
API = f"/api/v1/cases/{CASE_NO}"
WORDS = {"ground": "RULE_MISAPPLIED", "text": "第 1 条不适用"}


def a_photo() -> tuple[io.BytesIO, str]:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(file, "PNG")
    file.seek(0)
    return file, "label.png"


def test_a_shop_appeals_the_buyer_answers_and_fresh_seats_decide(app: APIFlask) -> None:
    for_the_claim(app)
    shop, buyer = a_shop(app), a_buyer(app)
    first = {seat.reviewer_id for seat in case_of(house_of(app)).seats}
    sent = send(shop, APPEAL, **WORDS)
    assert (sent.status_code, sent.location) == (303, f"/cases/{CASE_NO}")
    assert "商家申请了复核，等你回应" in buyer.get(f"/cases/{CASE_NO}").text
    assert "第 1 条不适用" in buyer.get(ANSWER).text
    hear(app, *[said("SUPPORT_RESPONDENT")] * 15)
    case = case_of(house_of(app))
    assert (case.ruling.outcome, case.ruling.appeal) == ("REJECTED", "CHANGES")
    assert len(case.seats) == 15
    assert first.isdisjoint(seat.reviewer_id for seat in case.seats)
    assert case.state == "CLOSED"
    assert "这是复核的结论" in shop.get(APPEAL).text or "只有一次" in shop.get(APPEAL).text


def test_the_answer_through_the_page_calls_the_panel(app: APIFlask) -> None:
    for_the_claim(app)
    appeal(app)
    buyer = a_buyer(app)
    sent = send(buyer, ANSWER, text="规则就是这样写的")
    assert sent.status_code == 303
    assert case_of(house_of(app)).state == "PANEL_DRAW"


def test_a_mistake_loses_nothing_that_was_written(app: APIFlask) -> None:
    for_the_claim(app)
    shop = a_shop(app)
    answer = send(shop, APPEAL, ground="NEW_EVIDENCE", text="新的检测报告在这里")
    assert answer.status_code == 422
    for kept in ("新的检测报告在这里", "请至少附一件新的凭证", "<title>出错："):
        assert kept in answer.text
    assert case_of(house_of(app)).appeal is None


def test_new_evidence_comes_with_the_form_where_there_is_no_script(app: APIFlask) -> None:
    for_the_claim(app)
    shop = a_shop(app)
    fields: dict[str, Any] = {"ground": "NEW_EVIDENCE", "text": "吊牌照片", "files": a_photo()}
    token = {"csrf_token": form_token(shop, APPEAL)}
    sent = shop.post(APPEAL, data=token | fields, content_type="multipart/form-data")
    assert sent.status_code == 303
    case = case_of(house_of(app))
    assert case.exhibits[-1].number == "M1"
    assert case.appeal is not None


def test_pressing_twice_appeals_once(app: APIFlask) -> None:
    for_the_claim(app)
    shop = a_shop(app)
    for _ in range(2):
        send(shop, OUTCOME, APPEAL, command_id="one", **WORDS)
    assert len(case_of(house_of(app)).earlier) == 1


def test_acceptance_is_explained_before_it_is_done(app: APIFlask) -> None:
    for_the_claim(app)
    shop = a_shop(app)
    page = shop.get(ACCEPT).text
    for shown in ("接受结论，马上执行", "不能再申请复核，也不能收回"):
        assert shown in page
    assert send(shop, ACCEPT).status_code == 303
    assert case_of(house_of(app)).state == "AWAITING_RETURN"


def test_one_acceptance_of_two_waits_for_the_other(app: APIFlask) -> None:
    for_a_part(app)
    buyer, shop = a_buyer(app), a_shop(app)
    send(buyer, ACCEPT)
    assert case_of(house_of(app)).state == "APPEAL_WINDOW"
    assert "你已经接受结论" in buyer.get(OUTCOME).text
    assert "接受结论，马上执行" in shop.get(OUTCOME).text
    accept(app, "MERCHANT")
    assert case_of(house_of(app)).state == "EXECUTED"


def test_a_late_appeal_names_the_deadline(app: APIFlask) -> None:
    for_the_claim(app)
    expire(app)
    perform_todo(house_of(app))
    shop = a_shop(app)
    refused = shop.get(APPEAL)
    assert refused.status_code == 409
    by_program = app.test_client().post(f"{API}/appeal", json=WORDS, headers=a_token(app, SHOP))
    assert by_program.status_code == 409


def test_programs_appeal_answer_and_accept(app: APIFlask) -> None:
    for_a_part(app)
    a_shop(app)
    a_buyer(app)
    shop, buyer = a_token(app, SHOP), a_token(app, "b@example.com")
    client = app.test_client()
    assert client.post(f"{API}/appeal", json=WORDS, headers=shop).status_code == 200
    shown = client.get(API, headers=buyer).json
    assert (shown["state"], shown["turn"]) == ("APPEALED", "BUYER")
    assert shown["appeal"] == {
        "side": "MERCHANT",
        "ground": "RULE_MISAPPLIED",
        "text": "第 1 条不适用",
        "answer": None,
    }
    answer = client.post(f"{API}/appeal/answer", json={"text": "适用"}, headers=buyer)
    assert answer.status_code == 200
    assert client.post(f"{API}/ruling/accept", headers=buyer).status_code == 409


def test_a_program_accepts_and_the_same_wish_counts_once(app: APIFlask) -> None:
    for_the_claim(app)
    a_shop(app)
    headers = a_token(app, SHOP) | {"Idempotency-Key": "one"}
    client = app.test_client()
    first = client.post(f"{API}/ruling/accept", headers=headers)
    again = client.post(f"{API}/ruling/accept", headers=headers)
    assert first.status_code == again.status_code == 200
    assert first.json == again.json


@pytest.mark.parametrize("page", [APPEAL, ANSWER, ACCEPT])
def test_nobody_else_has_these_pages(app: APIFlask, page: str) -> None:
    for_a_part(app)
    expected = {
        Role.BUYER: 404,
        Role.MERCHANT: 404,
        Role.REVIEWER: 403,
        Role.ASSOCIATION: 403,
        Role.OPERATOR: 403,
    }
    for role, status in expected.items():
        client = somebody(app, role)
        assert client.get(page).status_code == status, role
        assert send(client, "/messages", page, **WORDS).status_code == status, role
    assert case_of(house_of(app)).appeal is None


def test_what_is_not_open_says_why(app: APIFlask) -> None:
    file_a_claim(house_of(app))
    buyer = a_buyer(app)
    for page in (APPEAL, ACCEPT):
        answer = buyer.get(page)
        assert answer.status_code == 409
        assert "本案还没有处理结论" in answer.text
    assert buyer.get(ANSWER).status_code == 409


def test_an_appeal_falls_with_the_panel_that_it_attacks(app: APIFlask) -> None:
    for_the_claim(app)
    appeal(app)
    house = house_of(app)
    void = VoidPanel(CASE_NO, reason="CONFLICT_FOUND", text="第 1 席与店铺有关系")
    house.recorder.record(void, by="OPERATOR", command_id="void")
    assert case_of(house).state == "APPEALED"
    house.recorder.record(ConsentToVoid(CASE_NO), by="ASSOCIATION", command_id="consent")
    case = case_of(house)
    assert (case.appeal, case.ruling, case.state) == (None, None, "PANEL_DRAW")
    assert isinstance(case.earlier[-1].voided, PanelVoided)
    assert a_shop(app).get(APPEAL).status_code == 409


def test_both_sides_are_told_of_each_step(app: APIFlask) -> None:
    for_the_claim(app)
    appeal(app)
    buyer, shop = a_buyer(app), a_shop(app)
    assert "对方申请了复核，等你回应" in buyer.get("/messages").text
    assert "你的复核申请已记录" in shop.get("/messages").text


def test_the_buyers_list_says_when_it_is_the_buyers_turn(app: APIFlask) -> None:
    for_the_claim(app)
    buyer = a_buyer(app)
    assert "等你处理" not in buyer.get("/me").text
    appeal(app)
    assert "等你处理" in buyer.get("/me").text
