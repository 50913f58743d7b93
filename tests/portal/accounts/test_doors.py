from __future__ import annotations

import pytest
from apiflask import APIFlask

from portal.access import Role, allow
from portal.accounts.provision import find_account, issue_token, revoke_tokens
from portal.clock import Clock
from portal.database import db
from tests.people import enroll, form_token, sign_in

BUYER = "buyer@mingan.example"
PLATFORM = "platform@mingan.example"


def a_token(app: APIFlask, *roles: Role) -> str:
    enroll(app, PLATFORM, *roles, platform="douyin")
    with app.app_context():
        account = find_account(db.session, PLATFORM)
        token = issue_token(db.session, account, label="test", at=Clock().now())
        db.session.commit()
        return token


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_view_that_declares_nothing_is_a_closed_door(app: APIFlask) -> None:
    enroll(app, BUYER, Role.BUYER)
    assert sign_in(app, BUYER).get("/forgotten").status_code == 403


def test_a_route_cannot_be_allowed_to_no_role() -> None:
    with pytest.raises(TypeError):
        allow()


def test_a_stranger_is_sent_to_sign_in_and_comes_back_to_the_page(app: APIFlask) -> None:
    enroll(app, BUYER, Role.BUYER, buyer_ref="B-1")
    client = app.test_client()
    sent = client.get("/claims?page=2")
    assert sent.status_code == 303
    assert sent.location == "/login?next=/claims?page%3D2"
    form = {
        "email": BUYER,
        "password": "correct horse",
        "next": "/claims?page=2",
        "csrf_token": form_token(client),
    }
    back = client.post("/login", data=form)
    assert back.location == "/claims?page=2"
    assert client.get(back.location).text == "B-1"


def test_a_strangers_write_is_not_repeated_after_signing_in(app: APIFlask) -> None:
    client = app.test_client()
    assert client.post("/claims").location == "/login"
    sent = client.post("/claims", headers={"Referer": "http://localhost/claims?page=2"})
    assert sent.location == "/login?next=/claims?page%3D2"
    with client.session_transaction() as session:
        assert "刚才的没有提交" in str(session["_flashes"])
    foreign = client.post("/claims", headers={"Referer": "https://evil.example/claims"})
    assert foreign.location == "/login"


def test_another_role_gets_403_and_no_page(app: APIFlask) -> None:
    enroll(app, "m@mingan.example", Role.MERCHANT)
    assert sign_in(app, "m@mingan.example").get("/claims").status_code == 403


def test_a_write_without_the_forms_token_is_refused(app: APIFlask) -> None:
    enroll(app, BUYER, Role.BUYER, buyer_ref="B-1")
    client = sign_in(app, BUYER)
    assert client.post("/claims").status_code == 400
    token = form_token(client, "/account/password")
    assert client.post("/claims", data={"csrf_token": token}).text == "B-1"


def test_a_program_enters_the_api_with_its_token_and_needs_no_form_token(app: APIFlask) -> None:
    token = a_token(app, Role.PLATFORM)
    assert app.test_client().post("/api/v1/orders", headers=bearer(token)).text == "douyin"


def test_the_api_knows_no_cookie(app: APIFlask) -> None:
    enroll(app, BUYER, *Role, platform="douyin")
    client = sign_in(app, BUYER)
    assert client.get("/claims").status_code == 200
    refused = client.post("/api/v1/orders")
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == "Bearer"


def test_pages_know_no_token(app: APIFlask) -> None:
    token = a_token(app, *Role)
    client = app.test_client()
    assert client.get("/claims", headers=bearer(token)).status_code == 303
    assert client.get("/claims", headers={"Authentication-Token": token}).status_code == 303
    assert client.get("/claims", query_string={"auth_token": token}).status_code == 303


def test_a_token_of_another_role_gets_403(app: APIFlask) -> None:
    token = a_token(app, Role.MERCHANT)
    assert app.test_client().get("/api/v1/orders", headers=bearer(token)).status_code == 403


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer mingan_x", "Basic eDp5", "x"])
def test_a_broken_token_is_401(app: APIFlask, header: str) -> None:
    answer = app.test_client().get("/api/v1/orders", headers={"Authorization": header})
    assert answer.status_code == 401


def test_a_revoked_token_and_a_closed_account_stay_outside(app: APIFlask) -> None:
    token = a_token(app, Role.PLATFORM)
    with app.app_context():
        account = find_account(db.session, PLATFORM)
        account.active = False
        db.session.commit()
    assert app.test_client().get("/api/v1/orders", headers=bearer(token)).status_code == 401
    with app.app_context():
        account = find_account(db.session, PLATFORM)
        account.active = True
        assert revoke_tokens(db.session, account, at=Clock().now()) == 1
        db.session.commit()
    assert app.test_client().get("/api/v1/orders", headers=bearer(token)).status_code == 401


def test_everybody_sees_an_open_page(app: APIFlask) -> None:
    enroll(app, BUYER, Role.BUYER)
    assert app.test_client().get("/open").text == "nobody"
    assert sign_in(app, BUYER).get("/open").text == BUYER
