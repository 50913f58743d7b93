"""A contested return through its pages: the shop objects, the buyer answers, an officer halves."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from PIL import Image

from portal.access import Role
from portal.cases.state import Case
from portal.events import Remedy
from portal.responses import desk as responses
from tests.builders import house_of
from tests.houses import case_of, file_a_claim
from tests.portal.rooms import SHOP_ACTOR, a_shop, a_token, send
from tests.portal.verdicts import a_buyer, an_operator, expire, somebody
from tests.values import CASE_NO

CASE, RETURN = f"/cases/{CASE_NO}", f"/cases/{CASE_NO}/return"
OFFICER, API = f"/ops/officer/{CASE_NO}", f"/api/v1/cases/{CASE_NO}"
OBJECTION = {"reason": "DAMAGED", "carrier_state": "delivered", "text": "袖口有污渍"}


def a_picture(colour: str) -> tuple[io.BytesIO, str]:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(file, "PNG")
    file.seek(0)
    return file, f"{colour}.png"


@dataclass(frozen=True)
class People:
    app: APIFlask
    buyer: FlaskClient
    shop: FlaskClient
    officer: FlaskClient

    @property
    def case(self) -> Case:
        return case_of(house_of(self.app))


@pytest.fixture(scope="module")
def people(app: APIFlask) -> People:
    """The shop agrees to a refund for the goods; they are with the buyer."""
    file_a_claim(house_of(app), remedies=(Remedy("REFUND_RETURN", 32_900),))
    answer = responses.Answer("AGREE")
    responses.respond(house_of(app), SHOP_ACTOR, CASE_NO, answer, "answer/1")
    return People(app, a_buyer(app), a_shop(app), an_operator(app))


def test_a_cost_above_fifty_yuan_is_asked_for_its_receipt(people: People) -> None:
    parcel = {"carrier": "顺丰", "waybill": "SF1", "freight_fen": "60"}
    refused = send(people.buyer, CASE, RETURN, **parcel)
    assert refused.status_code == 422
    assert "超过 50 元要附上运费单据" in refused.text
    assert people.buyer.get(RETURN).status_code == 404
    taken = send(people.buyer, CASE, RETURN, **parcel, receipt=a_picture("white"))
    assert taken.status_code == 303
    assert (people.case.shipped.freight_fen, people.case.shipped.receipt) == (6_000, "B2")


def test_who_bears_the_way_back_is_worked_out_on_the_page(people: People) -> None:
    for client in (people.buyer, people.shop, people.officer):
        page = client.get(RETURN).text
        assert "¥60.00 × 100% = ¥60.00" in page
        assert "退货运费由商家承担" in page


def test_only_the_shop_finds_the_objection_and_is_asked_to_show_it(people: People) -> None:
    assert "提出异议" in people.shop.get(f"/shop/c/{CASE_NO}").text
    assert 'id="contest"' in people.shop.get(RETURN).text
    for client in (people.buyer, people.officer):
        assert 'id="contest"' not in client.get(RETURN).text
    refused = send(people.shop, RETURN, f"{RETURN}/contest", **OBJECTION)
    assert refused.status_code == 422
    assert "请至少附一件凭证" in refused.text
    assert "袖口有污渍" in refused.text


def test_an_objection_reaches_the_buyer_with_its_exhibits(people: People) -> None:
    photo = a_picture("black")
    sent = send(people.shop, RETURN, f"{RETURN}/contest", **OBJECTION, files=photo)
    assert sent.status_code == 303
    assert people.case.state == "RETURN_DISPUTED"
    assert people.case.dispute.contested.exhibits == ("M1",)
    page = people.buyer.get(CASE).text
    for shown in ("商家对退回的商品有异议，等你回应", "袖口有污渍", "看凭证并回应"):
        assert shown in page
    assert "法律要求的退款期限" in people.buyer.get(RETURN).text
    assert "退货有异议" in people.shop.get("/shop?tab=parcel").text


def test_the_buyer_answers_and_the_case_comes_before_an_officer(people: People) -> None:
    photo = a_picture("red")
    words = {"text": "寄出时是干净的", "files": photo}
    assert send(people.buyer, RETURN, f"{RETURN}/answer", **words).status_code == 303
    assert people.case.dispute.answer.exhibits == ("B3",)
    assert CASE_NO in people.officer.get("/ops/officer").text
    assert "看双方的话，作出决定" in people.officer.get(OFFICER).text
    assert "寄出时是干净的" in people.officer.get(RETURN).text
    assert 'id="judge"' not in people.shop.get(RETURN).text


def test_the_officer_halves_it_and_the_freight_is_the_shops(people: People) -> None:
    word = {"outcome": "PART", "text": "污渍成立，不影响销售", "citations": "M1"}
    whole = send(people.officer, RETURN, f"{OFFICER}/return", **word, refund_fen="329")
    assert whole.status_code == 422
    assert "要大于 0，低于原来的退款金额" in whole.text
    half = send(people.officer, RETURN, f"{OFFICER}/return", **word, refund_fen="164.50")
    assert half.status_code == 303
    orders = [(m.order.rail, m.order.amount_fen) for m in people.case.movements]
    assert orders == [("REFUND", 16_450), ("FREIGHT", 6_000)]
    for client in (people.buyer, people.shop):
        page = client.get(RETURN).text
        for shown in ("退一部分", "¥164.50", "污渍成立，不影响销售"):
            assert shown in page


def test_a_program_reads_the_same(people: People) -> None:
    found = people.app.test_client().get(
        f"{API}/return", headers=a_token(people.app, "b@example.com")
    )
    assert found.json["dispute"]["outcome"] == "PART"
    assert found.json["freight"] == {
        "cost_fen": 6_000,
        "others_bp": 10_000,
        "owed_fen": 6_000,
        "ground": "FAULT",
    }


@pytest.mark.parametrize("role", [Role.BUYER, Role.MERCHANT, Role.REVIEWER])
def test_strangers_find_nothing_here(people: People, role: Role) -> None:
    client = somebody(people.app, role)
    assert client.get(RETURN).status_code in (403, 404)
    for door in ("contest", "answer"):
        assert send(client, "/messages", f"{RETURN}/{door}", text="x").status_code in (403, 404)
    assert send(client, "/messages", f"{OFFICER}/return").status_code == 403


def test_a_parcel_that_nobody_inspects_still_pays_the_freight(app: APIFlask) -> None:
    number = "MA-2026-000077"
    house = house_of(app)
    file_a_claim(house, "claim/2", case_no=number, remedies=(Remedy("REFUND_RETURN", 32_900),))
    answer = responses.Answer("AGREE")
    responses.respond(house, SHOP_ACTOR, number, answer, "answer/2")
    token = a_token(app, "b@example.com")
    parcel = {"carrier": "顺丰", "waybill": "SF2", "freight_fen": 1_200}
    sent = app.test_client().post(f"/api/v1/cases/{number}/return", json=parcel, headers=token)
    assert sent.status_code == 200
    expire(app, case_no=number)
    orders = [(m.order.rail, m.order.amount_fen) for m in case_of(house, number).movements]
    assert orders == [("REFUND", 32_900), ("FREIGHT", 1_200)]
