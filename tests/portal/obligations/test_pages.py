"""An exchange through its pages: sent, disputed, judged not kept, turned into a refund."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.access import Role
from portal.cases.state import Case
from portal.clock import Clock
from portal.database import db
from portal.duties import due_duties
from portal.events import CaseClosed, Remedy
from portal.obligations.tables import ObligationRow
from portal.responses import desk as responses
from tests.builders import house_of
from tests.houses import case_of, file_a_claim
from tests.people import enroll, sign_in
from tests.portal.rooms import SHOP_ACTOR, a_shop, a_token, send
from tests.portal.verdicts import a_buyer, an_operator, somebody
from tests.values import CASE_NO, a_claim

CASE, ONE = f"/cases/{CASE_NO}", f"/cases/{CASE_NO}/obligations/O1"
OFFICER = f"/ops/officer/{CASE_NO}"
COUPONS, LATE = "MA-2026-000078", "MA-2026-000079"


def agree(app: APIFlask, number: str, *remedies: Remedy) -> None:
    """A claim of its own to which the shop agrees."""
    file_a_claim(house_of(app), f"claim/{number}", case_no=number, remedies=remedies)
    answer = responses.Answer("AGREE")
    responses.respond(house_of(app), SHOP_ACTOR, number, answer, f"answer/{number}")


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
    """The shop agrees to send a new one."""
    agree(app, CASE_NO, Remedy("REPLACE"))
    return People(app, a_buyer(app), a_shop(app), an_operator(app))


def test_the_shop_sees_what_it_owes_and_by_when(people: People) -> None:
    assert "1 项要履行" in people.shop.get("/shop").text
    assert "换货" in people.shop.get("/shop/obligations").text
    assert "等你履行：换货" in people.shop.get(f"/shop/c/{CASE_NO}").text
    page = people.shop.get(ONE).text
    assert "到时没有履行，自动改为退款" in page
    assert "已寄出，提交单号" in page


def test_the_buyer_waits_and_may_confirm_at_any_time(people: People) -> None:
    page = people.buyer.get(CASE).text
    for shown in ("等履行", "要履行的", "换货"):
        assert shown in page
    assert "等商家履行" in people.buyer.get(ONE).text


def test_a_parcel_without_a_number_is_asked_for_it(people: People) -> None:
    refused = send(people.shop, ONE, f"{ONE}/shipped", carrier="顺丰", waybill="")
    assert refused.status_code == 422
    assert "请填快递单号" in refused.text
    sent = send(people.shop, ONE, f"{ONE}/shipped", carrier="顺丰", waybill="SF9")
    assert sent.status_code == 303
    assert send(people.shop, ONE, f"{ONE}/delivered").status_code == 303
    assert people.case.obligation("O1").state == "DELIVERED"


def test_the_buyer_says_that_it_is_not_what_is_owed(people: People) -> None:
    assert "换货：收到了吗" in people.buyer.get(CASE).text
    said = {"why": "NOT_AS_OWED", "text": "还是同一件次品"}
    assert send(people.buyer, ONE, f"{ONE}/disputed", **said | {"why": ""}).status_code == 422
    assert send(people.buyer, ONE, f"{ONE}/disputed", **said).status_code == 303
    assert CASE_NO in people.officer.get("/ops/officer").text
    assert "换货：作出决定" in people.officer.get(OFFICER).text


def test_an_officer_finds_it_not_kept_and_the_refund_is_ordered(people: People) -> None:
    door = f"{OFFICER}/obligations/O1"
    assert send(people.officer, ONE, door, met="NO", text="看过照片").status_code == 422
    verdict = {"met": "NO", "text": "看过照片，是次品", "citations": "B1"}
    assert send(people.officer, ONE, door, **verdict).status_code == 303
    (refund,) = people.case.movements
    assert (refund.order.rail, refund.order.amount_fen) == ("REFUND", 32_900)
    for client in (people.buyer, people.shop, people.officer):
        page = client.get(ONE).text
        assert "没有履行，改为退款 ¥329.00" in page
        assert "看过照片，是次品" in page


def test_a_program_reads_the_same(people: People) -> None:
    token = a_token(people.app, "b@example.com")
    found = people.app.test_client().get(f"/api/v1/cases/{CASE_NO}/obligations", headers=token)
    (only,) = found.json
    assert (only["code"], only["state"], only["turn"]) == ("REPLACE", "FAILED", "")
    assert only["refund_no"] == "RMA2026000001o1"


def test_the_platform_gives_coupons_back_and_the_buyer_confirms(people: People) -> None:
    agree(people.app, COUPONS, Remedy("COUPON_RESTORE"))
    platform = a_claim().platform
    enroll(people.app, "platform@example.com", Role.PLATFORM, platform=platform)
    program, token = people.app.test_client(), a_token(people.app, "platform@example.com")
    (due,) = program.get("/api/v1/obligations", headers=token).json
    assert (due["case_no"], due["code"]) == (COUPONS, "COUPON_RESTORE")
    one = f"/api/v1/cases/{COUPONS}/obligations/O1"
    shop = a_token(people.app, "shop@example.com")
    assert program.post(f"{one}/done", data={"text": "已退"}, headers=shop).status_code == 404
    assert program.post(f"{one}/done", data={"text": "已退"}, headers=token).status_code == 200
    page = f"/cases/{COUPONS}/obligations/O1"
    assert send(people.buyer, page, f"{page}/confirmed").status_code == 303
    closed = case_of(house_of(people.app), COUPONS).closed
    assert closed == CaseClosed("FULFILLED")
    assert "已履行，不涉及退款" in people.buyer.get(f"/cases/{COUPONS}").text


def test_what_nobody_does_is_found_by_the_sweep_and_seen_by_the_association(people: People) -> None:
    agree(people.app, LATE, Remedy("APOLOGY"))
    house = house_of(people.app)
    later = Clock(lambda: timedelta(days=4))
    with house.sessions() as session:
        assert not [d for d in due_duties(session, house.clock) if d.kind == "LAPSE"]
        (duty,) = [d for d in due_duties(session, later) if d.case_no == LATE]
    late = replace(house.duties, recorder=replace(house.recorder, clock=later))
    for _twice in range(2):
        late.perform(duty.kind, duty.case_no, duty.subject)
    assert case_of(house, LATE).closed == CaseClosed("UNFULFILLED")
    enroll(people.app, "cca@example.com", Role.ASSOCIATION)
    page = sign_in(people.app, "cca@example.com").get("/obligations/broken").text
    assert LATE in page
    assert "致歉" in page


@pytest.mark.parametrize("role", [Role.BUYER, Role.MERCHANT, Role.REVIEWER])
def test_strangers_find_nothing_here(people: People, role: Role) -> None:
    client = somebody(people.app, role)
    for page in (ONE, f"{CASE}/obligations"):
        assert client.get(page).status_code in (403, 404)
    for door in ("shipped", "delivered", "done", "confirmed", "disputed"):
        assert send(client, "/messages", f"{ONE}/{door}").status_code in (403, 404)
    assert client.get("/obligations/broken").status_code == 403


def test_rows_say_what_the_events_say(people: People) -> None:
    """Projected afresh, the lists are the same."""
    before = standing(people.app)
    house_of(people.app).projection.rebuild()
    assert standing(people.app) == before


def standing(app: APIFlask) -> dict[str, str]:
    with app.app_context():
        return {row.case_no: row.state for row in db.session.scalars(select(ObligationRow))}
