"""An advance that WeChat gives back, as operator, merchant, program and the day's bill see it."""

from __future__ import annotations

from datetime import date

import pytest
from apiflask import APIFlask

from portal.access import Role
from portal.house import House
from portal.reconciling.daily import reconcile_day
from portal.rehearsal.moving import move_clock
from portal.simulator.settings import write_settings
from tests.houses import open_app
from tests.people import enroll, sign_in
from tests.portal.pool.people import send
from tests.portal.refunds.ordering import decide, order_refund, pay, pay_after, refund_no_of
from tests.programs import program

PAGE = f"/ops/money/recoups/{refund_no_of(1)}"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> APIFlask:
    """A platform of 平台收付通 that has paid a refund first."""
    app = open_app(tmp_path_factory.mktemp("house"), rehearsal=True)
    house: House = app.extensions["mingan"]
    folder = house.config.folder / "simulator"
    write_settings(folder, "http://simulator.invalid", notices="", ecommerce=True)
    order_refund(house, 1, sub_merchant="1900000109")
    decide(house, 1, "ADVANCE")
    pay(house)
    assert pay_after(house, 61).is_paid
    return app


def test_it_is_asked_for_by_hand_and_everybody_sees_that_it_came_back(app: APIFlask) -> None:
    house: House = app.extensions["mingan"]
    enroll(app, "op@example.com", Role.OPERATOR)
    enroll(app, "shop@example.com", Role.MERCHANT, shop_id="shop-1")
    operator, ask = sign_in(app, "op@example.com"), program(app, Role.OPERATOR)
    told = ask.get(f"/money/recoups/{refund_no_of(1)}/return").json
    assert told == {"possible_fen": 12_000, "steps": []}
    assert "请支付机构回补 ¥120.00" in operator.get(PAGE).text
    assert send(operator, PAGE, f"{PAGE}/return", text="").status_code == 422
    assert send(operator, PAGE, f"{PAGE}/return", text="店铺已有余额").status_code == 303
    again = ask.post(f"/money/recoups/{refund_no_of(1)}/return", json={"text": "再来"})
    assert again.status_code == 409
    success = pay(house).success
    page = operator.get(PAGE).text
    assert "垫付已经全部收回" in page
    assert f"{refund_no_of(1)}a1r1" in page
    steps = ask.get(f"/money/recoups/{refund_no_of(1)}/return").json["steps"]
    assert [step["state"] for step in steps] == ["WANTED", "ASKED", "DONE"]
    assert steps[-1]["reference"] in page
    merchant = sign_in(app, "shop@example.com")
    assert "追偿收回" in merchant.get("/shop/money?account=recoup_receivable").text
    assert merchant.get(PAGE).status_code == 403
    operator.set_cookie("language", "en")
    assert "Given back by the provider" in operator.get(PAGE).text
    assert success is not None
    move_clock(house.sessions, 48 * 3_600)
    day = date.fromisoformat(success.provider_at[:10])
    days = (day, date.fromordinal(day.toordinal() + 1))
    wechat = house.providers.named("wechat")
    results = [reconcile_day(house, wechat, each) for each in days]
    assert {found.result for found in results if found} == {"GREEN"}
