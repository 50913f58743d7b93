"""Where the money is: the buyer's page, the printable statement, the shop's list, and the API."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from msgspec import to_builtins

from portal import events as e
from portal.access import Role
from portal.database import db
from portal.formats import BEIJING
from portal.house import House
from portal.monitors.tables import ItemRow
from portal.refunds.commands import MoveMoney
from portal.rehearsal.moving import move_clock
from portal.responses import desk
from portal.times import stamp
from tests.builders import house_of
from tests.houses import case_of, file_a_claim, open_app
from tests.people import enroll, form_token, sign_in
from tests.portal.rooms import SHOP_ACTOR, a_shop, a_token
from tests.portal.verdicts import a_buyer
from tests.values import CASE_NO

NO = "RMA2026000001n1"
PAGE = f"/cases/{CASE_NO}"
DAY = 86_400


@dataclass(frozen=True)
class Paid:
    """A case whose refund the provider has paid, and those whom it concerns."""

    app: APIFlask
    house: House
    buyer: FlaskClient
    shop: FlaskClient
    tokens: dict[str, dict[str, str]]
    promise: e.ArrivalPromise


@pytest.fixture(scope="module")
def paid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paid]:
    with a_paid_refund(tmp_path_factory.mktemp("money")) as paid:
        yield paid


@contextmanager
def a_paid_refund(folder: Path) -> Iterator[Paid]:
    app = open_app(folder, rehearsal=True)
    house = house_of(app)
    file_a_claim(house, remedies=(e.Remedy("REFUND_ONLY", 32_900),))
    desk.respond(house, SHOP_ACTOR, CASE_NO, desk.Answer("AGREE"), "agree")
    promise = record_success(house)
    buyer, shop = a_buyer(app), a_shop(app)
    enroll(app, "hai@example.com", Role.PLATFORM, platform="hailiao-live")
    enroll(app, "other@example.com", Role.PLATFORM, platform="elsewhere")
    enroll(app, "shop2@example.com", Role.MERCHANT, shop_id="shop-2", merchant_id="m")
    names = ("b@example.com", "shop@example.com", "hai@example.com", "other@example.com")
    tokens = {name: a_token(app, name) for name in names}
    yield Paid(app, house, buyer, shop, tokens, promise)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def record_success(house: House) -> e.ArrivalPromise:
    """What the engine would record of a card, to arrive in three to five days from today."""
    now = stamp(house.clock.now())
    days = (house.clock.now().astimezone(BEIJING).date() + timedelta(n) for n in (3, 5))
    held = (e.Funding("MERCHANT_PAYABLE", 32_900),)
    promise = e.ArrivalPromise(*(day.isoformat() for day in days), certain=True)
    steps = (
        e.RefundState(NO, "RESERVED", 32_900, funding=held),
        e.RefundState(NO, "SUBMITTED", 32_900, request_digest="ab"),
        e.RefundState(
            NO,
            "SUCCESS",
            32_900,
            provider="wechat",
            provider_ref="50300",
            provider_at=now,
            route="ORIGINAL",
            cash_fen=32_900,
            promise=promise,
            source="ANSWER",
        ),
    )
    house.recorder.record(MoveMoney(CASE_NO, steps), by="SYSTEM", command_id="paid")
    return promise


def chinese(day: str) -> str:
    _year, month, number = day.split("-")
    return f"{int(month)}月{int(number)}日"


def test_the_buyer_follows_the_money_to_its_promised_day(paid: Paid) -> None:
    page = paid.buyer.get(PAGE).text
    for shown in (
        "退款 ¥329.00",
        "支付机构已付款",
        f"{chinese(paid.promise.earliest)}至{chinese(paid.promise.latest)}",
        "50300",
        "商家货款 ¥329.00",
        "模拟支付机构，没有真的动钱",
        "我已收到",
        "等到承诺的最晚到账日",
    ):
        assert shown in page
    assert "还没收到</summary>" not in page


def test_the_statement_prints_every_recorded_step(paid: Paid) -> None:
    page = paid.buyer.get(f"{PAGE}/money").text
    for shown in ("款项单", "款项已留出", "支付机构的回答", f"{NO}a1"):
        assert shown in page
    assert "我已收到" not in paid.shop.get(f"{PAGE}/money").text


def test_english_readers_see_the_same(paid: Paid) -> None:
    english = {"Accept-Language": "en"}
    page = paid.buyer.get(f"{PAGE}/money", headers=english).text
    assert "Confirmed by" not in page
    assert "Back the way it was paid (WeChat Pay)" in page
    assert "Simulated payment provider, no real money moves" in page


def test_the_shop_sees_its_own_movements_only(paid: Paid) -> None:
    assert NO in paid.shop.get("/shop/refunds?tab=paid").text
    assert NO not in paid.shop.get("/shop/refunds?tab=arrived").text
    assert "¥329.00" in paid.shop.get(f"/shop/refunds/{NO}").text
    other = sign_in(paid.app, "shop2@example.com")
    assert NO not in other.get("/shop/refunds").text
    assert other.get(f"/shop/refunds/{NO}").status_code == 404
    assert other.get(f"{PAGE}/money").status_code == 404
    assert paid.buyer.get("/shop/refunds").status_code == 403


def test_a_cursor_that_somebody_made_up_shows_the_first_page(paid: Paid) -> None:
    for cursor in ("x", "2026-01-01~", "~~", "9999-12-31T00:00:00Z~R"):
        assert paid.shop.get("/shop/refunds", query_string={"after": cursor}).status_code == 200


def test_the_csv_opens_in_a_spreadsheet_and_calculates_nothing(paid: Paid) -> None:
    answer = paid.shop.get("/shop/refunds.csv?tab=paid")
    text = answer.data.decode("utf-8-sig")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    heads, line = list(csv.reader(io.StringIO(text)))
    found = dict(zip(heads, line, strict=True))
    assert (found["退款单号"], found["金额（元）"]) == (NO, "329.00")
    assert found["承诺最晚到账"] == paid.promise.latest


def test_programs_see_what_their_people_may_see(paid: Paid) -> None:
    client = paid.app.test_client()
    for email, status in (
        ("b@example.com", 200),
        ("shop@example.com", 200),
        ("hai@example.com", 200),
        ("other@example.com", 404),
    ):
        headers = paid.tokens[email]
        one = client.get(f"/api/v1/refunds/{NO}", headers=headers)
        every = client.get(f"/api/v1/cases/{CASE_NO}/movements", headers=headers)
        listed = client.get("/api/v1/refunds?limit=1", headers=headers)
        assert (one.status_code, every.status_code) == (status, status)
        assert len(listed.json["movements"]) == (status == 200)
    assert client.get(f"/api/v1/refunds/{NO}").status_code == 401


def test_the_api_tells_states_dates_and_whose_money(paid: Paid) -> None:
    headers = paid.tokens["hai@example.com"]
    found = paid.app.test_client().get(f"/api/v1/refunds/{NO}", headers=headers).json
    assert found["promise"] == to_builtins(paid.promise)
    assert found["funding"] == [{"account": "MERCHANT_PAYABLE", "amount_fen": 32_900}]
    assert (found["state"], found["amount_fen"], found["over"]) == ("SUCCESS", 32_900, True)


def test_only_the_buyer_says_whether_it_arrived(paid: Paid) -> None:
    token = form_token(paid.shop, "/shop/refunds")
    path = f"{PAGE}/movements/{NO}/arrived"
    assert paid.shop.post(path, data={"csrf_token": token}).status_code == 403
    headers = paid.tokens["shop@example.com"]
    assert paid.app.test_client().post(f"/api/v1{path}", headers=headers).status_code == 403


def test_missing_money_is_asked_about_after_the_promised_day_and_then_found(paid: Paid) -> None:
    press = {"csrf_token": form_token(paid.buyer, PAGE), "command_id": "w"}
    missing, arrived = (f"{PAGE}/movements/{NO}/{what}" for what in ("missing", "arrived"))
    assert paid.buyer.post(missing, data=press).status_code == 409
    move_clock(paid.house.sessions, 20 * DAY)
    assert "还没收到</summary>" in paid.buyer.get(PAGE).text
    asked = paid.buyer.post(missing, data={**press, "text": "查了零钱和银行卡"})
    assert asked.status_code == 303
    assert item_state(paid) == "OPEN"
    assert "运营正在向支付机构核实" in paid.buyer.get(PAGE).text
    assert paid.buyer.post(arrived, data=press).status_code == 303
    assert case_of(paid.house).movements[0].state == "ARRIVED"
    assert item_state(paid) == "RESOLVED"
    assert "买家确认收到" in paid.shop.get(f"/shop/refunds/{NO}").text


def item_state(paid: Paid) -> str:
    with paid.house.sessions() as session:
        return session.query(ItemRow).filter_by(kind="PAST_PROMISE", subject=NO).one().state


def test_both_hear_of_the_nodes_that_matter(paid: Paid) -> None:
    heard = paid.buyer.get("/messages").text
    assert "支付机构已付款，承诺的到账日见案件" in heard
    assert "款项已记为到账" in heard
    assert "买家说没有收到一笔款，运营正在核实" in paid.shop.get("/messages").text
