"""Approvals, limits and decisions by hand, as operators use them and the engine obeys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.access import Role
from portal.house import House
from portal.monitors.beat import look
from portal.monitors.tables import ItemRow
from tests.houses import open_app
from tests.people import enroll, form_token, sign_in
from tests.portal.refunds.ordering import (
    FEN,
    calls_of,
    fault,
    items_of,
    moved,
    movement_of,
    order_refund,
    pay,
    pay_after,
    platform_refunds,
    refund_no_of,
    simulate,
    turn_of,
)
from tests.programs import program

LARGE_FEN = 600_000
CONTROLS = "/ops/money/controls"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> APIFlask:
    app = open_app(tmp_path_factory.mktemp("house"), rehearsal=True)
    for name in ("anna", "bert"):
        enroll(app, f"{name}@example.com", Role.OPERATOR)
    return app


@pytest.fixture(scope="module")
def house(app: APIFlask) -> Iterator[House]:
    house: House = app.extensions["mingan"]
    yield house
    simulate(house, "DELETE", "faults")


@pytest.fixture(scope="module")
def anna(app: APIFlask) -> FlaskClient:
    return sign_in(app, "anna@example.com")


@pytest.fixture(scope="module")
def bert(app: APIFlask) -> FlaskClient:
    return sign_in(app, "bert@example.com")


def page_of(number: int) -> str:
    return f"/ops/money/movements/{refund_no_of(number)}"


def send(client: FlaskClient, page: str, action: str, **fields: str) -> tuple[int, str]:
    token = form_token(client, page)
    answer = client.post(action, data={"csrf_token": token, **fields})
    return answer.status_code, answer.text


def test_a_large_sum_waits_for_two_different_people(
    house: House, anna: FlaskClient, bert: FlaskClient
) -> None:
    order_refund(house, 1, LARGE_FEN)
    assert (pay(house, 1).state, turn_of(house, 1).blocked) == ("PLANNED", "APPROVAL")
    assert "MA-2026-000001" in anna.get("/ops/money/approvals").text
    assert "要两个人批准后才付" in anna.get("/cases/MA-2026-000001/outcome").text
    action = f"{page_of(1)}/approval"
    assert send(anna, page_of(1), action, text="金额与结论一致")[0] == 303
    assert pay(house, 1).state == "PLANNED"
    status, text = send(anna, page_of(1), action, text="再来一次")
    assert (status, "要由另一位管理员批准" in text) == (409, True)
    assert "等另一位" in anna.get("/ops/money/approvals").text
    assert send(bert, page_of(1), action, text="已核对收款方")[0] == 303
    assert pay(house, 1).state == "SUCCESS"


def test_a_reason_is_asked_for_beside_its_field(house: House, anna: FlaskClient) -> None:
    order_refund(house, 2, LARGE_FEN)
    pay(house, 2)
    status, text = send(anna, page_of(2), f"{page_of(2)}/approval", text="")
    assert (status, "请写明理由" in text) == (422, True)


def test_a_stopped_provider_is_asked_for_nothing_until_it_goes_on(
    house: House, anna: FlaskClient
) -> None:
    switch = f"{CONTROLS}/switch"
    assert send(anna, CONTROLS, switch, provider="wechat", stop="1", text="对账不平")[0] == 303
    assert "付款已停" in anna.get(CONTROLS).text
    order_refund(house, 3)
    assert (pay(house, 3).state, turn_of(house, 3).blocked) == ("PLANNED", "STOPPED")
    assert send(anna, CONTROLS, switch, provider="wechat", stop="0", text="已查清")[0] == 303
    assert pay(house, 3).state == "SUCCESS"
    text = anna.get(CONTROLS).text
    assert "对账不平" in text
    assert "anna@example.com" in text


def test_the_days_limit_of_a_shop_holds_until_the_next_day(house: House, anna: FlaskClient) -> None:
    fields = {"name": "SHOP_DAY_FEN", "value": "100", "text": "新店"}
    assert send(anna, CONTROLS, CONTROLS, subject="hailiao-live/shop-9", **fields)[0] == 303
    order_refund(house, 4, 9_000, shop_id="shop-9")
    order_refund(house, 5, 9_000, shop_id="shop-9")
    assert pay(house, 4).state == "SUCCESS"
    assert (pay(house, 5).state, turn_of(house, 5).blocked) == ("PLANNED", "CAP")
    fields = {"what": "CAP", "text": "老客户，已核实"}
    assert send(anna, page_of(5), f"{page_of(5)}/override", **fields)[0] == 303
    assert pay(house, 5).state == "SUCCESS"


def test_shops_of_one_number_on_two_platforms_have_a_day_each(
    house: House, anna: FlaskClient
) -> None:
    fields = {"name": "SHOP_DAY_FEN", "value": "100", "text": "新店"}
    assert send(anna, CONTROLS, CONTROLS, subject="shop-7", **fields)[0] == 422
    for platform in ("hailiao-live", "other-live"):
        subject = f"{platform}/shop-7"
        assert send(anna, CONTROLS, CONTROLS, subject=subject, **fields)[0] == 303
    for number, platform in ((21, "hailiao-live"), (22, "other-live"), (23, "other-live")):
        order_refund(house, number, 9_000, shop_id="shop-7", platform=platform)
    assert [pay(house, number).state for number in (21, 22)] == ["SUCCESS", "SUCCESS"]
    assert (pay(house, 23).state, turn_of(house, 23).blocked) == ("PLANNED", "CAP")


def test_what_was_changed_is_told_in_whole_sentences(anna: FlaskClient) -> None:
    english = {"Accept-Language": "en"}
    for stop, zh, en in (
        ("1", "停止经微信支付付款", "Payments through WeChat Pay stopped"),
        ("0", "恢复经微信支付付款", "Payments through WeChat Pay resumed"),
    ):
        send(anna, CONTROLS, f"{CONTROLS}/switch", provider="wechat", stop=stop, text="对账")
        assert zh in anna.get(CONTROLS).text
        assert en in anna.get(CONTROLS, headers=english).text
    fields = {"name": "SHOP_DAY_FEN", "subject": "hailiao-live/s-1", "value": "90", "text": "新"}
    send(anna, CONTROLS, CONTROLS, **fields)
    assert "店铺 hailiao-live/s-1 每天的上限改为 ¥90.00" in anna.get(CONTROLS).text
    said = "Daily limit of the shop hailiao-live/s-1 changed to ¥90.00"
    assert said in anna.get(CONTROLS, headers=english).text


def test_the_second_who_asks_for_a_wider_limit_reads_that_it_holds(
    app: APIFlask, anna: FlaskClient
) -> None:
    enroll(app, "dora@example.com", Role.OPERATOR)
    fields = {"name": "DUAL_FEN", "value": "5500", "text": "旺季"}
    for person, said in ((anna, "要另一位管理员"), (sign_in(app, "dora@example.com"), "现在生效")):
        assert send(person, CONTROLS, CONTROLS, **fields)[0] == 303
        assert said in person.get(CONTROLS).text


def test_somebody_with_little_authority_cannot_let_it_go(
    app: APIFlask, house: House, anna: FlaskClient
) -> None:
    account = enroll(app, "carl@example.com", Role.OPERATOR)
    fields = {"name": "AUTHORITY_FEN", "subject": str(account), "value": "10", "text": "新人"}
    assert send(anna, CONTROLS, CONTROLS, **fields)[0] == 303
    carl = sign_in(app, "carl@example.com")
    status, text = send(carl, page_of(2), f"{page_of(2)}/approval", text="可以")
    assert (status, "超过你的批准额度" in text) == (409, True)
    assert "carl@example.com" in anna.get(CONTROLS).text
    more = fields | {"value": "100000"}
    status, text = send(carl, CONTROLS, CONTROLS, **more)
    assert (status, "由另一位管理员设定" in text) == (422, True), "nobody raises the own authority"


def test_the_page_shows_raw_answers_and_what_may_be_decided(
    house: House, anna: FlaskClient
) -> None:
    order_refund(house, 6)
    fault(house, "ABNORMAL")
    pay(house, 6)
    pay_after(house, 130, 6)
    text = anna.get(page_of(6)).text
    assert "out_refund_no" in text
    assert "改付到另一张银行卡" in text
    assert movement_of(house, 6).state == "ABNORMAL"
    fields = {"text": "买家确认了新卡", "bank_type": "ICBC_DEBIT"}
    assert send(anna, page_of(6), f"{page_of(6)}/card", **fields)[0] == 422
    card = {"number": "6222020000000000", "holder": "张三"}
    assert send(anna, page_of(6), f"{page_of(6)}/card", **fields, **card)[0] == 303
    assert "6222020000000000" not in anna.get(page_of(6)).text


def test_a_program_that_tells_a_part_of_a_card_sends_nothing_to_the_shop(
    app: APIFlask, house: House
) -> None:
    order_refund(house, 7)
    fault(house, "ABNORMAL")
    pay(house, 7)
    pay_after(house, 130, 7)
    operator = program(app, Role.OPERATOR)
    body = {"text": "新卡", "bank_type": "ICBC_DEBIT", "number": "6222020000000000"}
    answer = operator.post(f"/money/movements/{refund_no_of(7)}/card", json=body)
    assert answer.status_code == 422
    assert [kind for kind, *_ in calls_of(house, 7) if kind not in ("SUBMIT", "QUERY")] == []
    assert movement_of(house, 7).words == ()


def test_a_used_key_swallows_no_other_wish_about_money(app: APIFlask) -> None:
    operator = program(app, Role.OPERATOR, merchant_id="keys")
    headers = {"Authorization": f"Bearer {operator.token}", "Idempotency-Key": "1"}

    def wish(provider: str) -> object:
        body = {"name": "STOPPED", "subject": provider, "value": 1, "text": "核对"}
        return app.test_client().put("/api/v1/money/controls", json=body, headers=headers).json

    first = wish("douyin")
    assert wish("douyin") == first
    assert wish("stripe") != first
    stopped = {row["subject"] for row in operator.get("/money/controls").json if row["value"] == 1}
    assert {"douyin", "stripe"} <= stopped


def test_two_people_end_what_the_platform_has_paid_back_whole_and_not_before(
    house: House, anna: FlaskClient, bert: FlaskClient
) -> None:
    order_refund(house, 9, FEN, paid_fen=FEN)
    page, said = page_of(9), {"what": "COVERED", "text": "平台退款 PL-1"}
    platform_refunds(house, 9, FEN - 1)
    assert (pay(house, 9).state, turn_of(house, 9).blocked) == ("PLANNED", "DECISION")
    assert "平台已另行退还" not in anna.get(page).text
    status, text = send(anna, page, f"{page}/override", **said)
    assert (status, "请平台先退足差额" in text) == (409, True)
    platform_refunds(house, 9, FEN)
    assert "平台已另行退还" in anna.get(page).text
    assert send(anna, page, f"{page}/override", **said)[0] == 303
    assert pay(house, 9).state == "PLANNED"
    assert send(anna, page, f"{page}/override", **said)[0] == 409
    assert send(bert, page, f"{page}/override", **said)[0] == 303
    assert (pay(house, 9).state, moved(house, 9)) == ("CANCELLED", [])
    assert "没有再付" in anna.get("/cases/MA-2026-000009/outcome").text
    look(house)
    assert items_of(house, 9) == {"PLATFORM_OVERLAP"}
    with house.sessions() as session:
        how = select(ItemRow.how).where(ItemRow.refund_no == refund_no_of(9))
        assert session.scalars(how).all() == ["CURED"]


def test_what_nobody_ordered_has_no_page(anna: FlaskClient) -> None:
    assert anna.get("/ops/money/movements/R1n1").status_code == 404


def test_the_navigation_marks_what_a_page_lies_under(anna: FlaskClient) -> None:
    for page in (CONTROLS, "/ops/money/approvals", "/ops/money/recoups"):
        assert '<a href="/ops/money" aria-current="page">' in anna.get(page).text
