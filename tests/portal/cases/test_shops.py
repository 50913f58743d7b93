"""Two platforms may number their shops alike; neither shop sees anything of the other's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from portal.access import Role
from tests.builders import close_house
from tests.houses import file_a_claim, open_app
from tests.people import enroll, sign_in
from tests.portal.refunds.ordering import case_no_of, order_refund, pay, refund_no_of
from tests.portal.rooms import a_token, house_of

SHOP = "shop-1"  # of the case, at hailiao-live; elsewhere there is another of this number
HERE, THERE, NOWHERE = "here@example.com", "there@example.com", "nowhere@example.com"
CASE, REFUND = case_no_of(1), refund_no_of(1)

LISTS = ("/shop?tab=closed", "/shop/refunds", "/shop/refunds.csv", "/shop/money", "/messages")
API_LISTS = (f"/api/v1/refunds?shop_id={SHOP}",)
SINGLE = (
    f"/shop/c/{CASE}",
    f"/shop/refunds/{REFUND}",
    f"/cases/{CASE}/money",
    f"/cases/{CASE}/accounts",
)
API_SINGLE = (
    f"/api/v1/cases/{CASE}/movements",
    f"/api/v1/refunds/{REFUND}",
    f"/api/v1/cases/{CASE}/accounts",
    f"/api/v1/cases/{CASE}/obligations",
    f"/api/v1/shops/{SHOP}/statement",
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIFlask]:
    app = open_app(tmp_path_factory.mktemp("shops"), rehearsal=True)
    house = house_of(app)
    order_refund(house, 1)
    pay(house, 1)
    for email, platform in ((HERE, "hailiao-live"), (THERE, "elsewhere"), (NOWHERE, None)):
        enroll(app, email, Role.MERCHANT, shop_id=SHOP, merchant_id="mer-1", platform=platform)
    yield app
    close_house(app)


@pytest.fixture(scope="module", params=[THERE, NOWHERE])
def stranger(request: pytest.FixtureRequest, app: APIFlask) -> tuple[str, FlaskClient]:
    return request.param, sign_in(app, request.param)


def test_the_shop_itself_sees_its_case_everywhere(app: APIFlask) -> None:
    client, token = sign_in(app, HERE), a_token(app, HERE)
    for path in LISTS:
        text = client.get(path).text
        assert CASE in text or REFUND in text, path
    assert [client.get(path).status_code for path in SINGLE] == [200] * len(SINGLE)
    for path in (*API_LISTS, *API_SINGLE):
        answer = client.get(path, headers=token)
        assert answer.status_code == 200, path
        assert REFUND in answer.text or "obligations" in path or "accounts" in path, path


def test_another_shop_of_that_number_sees_nothing(
    app: APIFlask, stranger: tuple[str, FlaskClient]
) -> None:
    email, client = stranger
    token = a_token(app, email)
    for path in (*LISTS, *API_LISTS):
        answer = client.get(path, headers=token if "api" in path else None)
        assert answer.status_code == 200, path
        assert CASE not in answer.text, path
        assert REFUND not in answer.text, path
    for path in SINGLE:
        assert client.get(path).status_code == 404, path
    for path in API_SINGLE:
        assert client.get(path, headers=token).status_code == 404, path


def test_another_shop_of_that_number_answers_nothing(app: APIFlask) -> None:
    file_a_claim(house_of(app), "claim/2", case_no=case_no_of(2), order_id="HL2")
    door, body = f"/api/v1/cases/{case_no_of(2)}/response", {"answer": "AGREE"}
    client = app.test_client()
    assert client.post(door, headers=a_token(app, THERE), json=body).status_code == 404
    assert client.post(door, headers=a_token(app, HERE), json=body).status_code != 404
