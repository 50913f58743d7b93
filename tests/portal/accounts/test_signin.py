from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from apiflask import APIFlask

from portal.access import Role
from portal.accounts.provision import create_account, find_account, issue_token
from portal.accounts.tables import Account, ApiToken
from portal.clock import Clock
from portal.database import db
from portal.errors import BadInput
from tests.people import PASSWORD, enroll, form_token, sign_in

BUYER = "buyer@mingan.example"


def answer_to(app: APIFlask, email: str, password: str) -> str:
    client = app.test_client()
    token = form_token(client)
    form = {"email": email, "password": password, "csrf_token": token}
    return client.post("/login", data=form).text.replace(token, "")


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(app: APIFlask) -> None:
    enroll(app, BUYER, Role.BUYER)
    wrong = answer_to(app, BUYER, "not the horse")
    unknown = answer_to(app, "nobody@mingan.example", "not the horse")
    assert "input" in wrong
    assert wrong[-200:] == unknown[-200:]


def test_a_password_longer_than_any_is_wrong_like_any_other(app: APIFlask) -> None:
    enroll(app, BUYER, Role.BUYER)
    assert answer_to(app, BUYER, "密" * 9_000)[-200:] == answer_to(app, BUYER, "not it")[-200:]


def test_a_new_password_that_is_too_long_is_refused_in_words(app: APIFlask) -> None:
    enroll(app, BUYER, Role.BUYER)
    client, much = sign_in(app, BUYER), "长" * 9_000
    form = {
        "password": PASSWORD,
        "new_password": much,
        "new_password_confirm": much,
        "csrf_token": form_token(client, "/account/password"),
    }
    answer = client.post("/account/password", data=form)
    assert "最多 1024 个字" in answer.text
    assert sign_in(app, BUYER).get("/claims").status_code == 200


def test_a_closed_account_cannot_sign_in(app: APIFlask) -> None:
    enroll(app, BUYER, Role.BUYER)
    with app.app_context():
        find_account(db.session, BUYER).active = False
        db.session.commit()
    assert sign_in(app, BUYER).get("/claims").status_code == 303


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example"]
)
def test_signing_in_never_leads_to_another_site(app: APIFlask, target: str) -> None:
    enroll(app, BUYER, Role.BUYER)
    client = app.test_client()
    form = {"email": BUYER, "password": PASSWORD, "csrf_token": form_token(client)}
    answer = client.post("/login", query_string={"next": target}, data=form | {"next": target})
    assert answer.status_code == 302
    assert "\\" not in answer.location  # a browser would read it as a slash
    assert urlsplit(urljoin("http://localhost/login", answer.location)).netloc == "localhost"


def test_a_person_lands_where_their_work_is(app: APIFlask) -> None:
    enroll(app, BUYER, Role.BUYER)
    assert sign_in(app, BUYER).get("/home").location == "/claims"


def test_a_program_without_a_password_cannot_sign_in(app: APIFlask) -> None:
    with app.app_context():
        create_account(db.session, email=BUYER, password=None, name="平台", roles=[Role.PLATFORM])
        db.session.commit()
    for password in ("", "None", "password"):
        assert sign_in(app, BUYER, password).get("/home").status_code == 303
        assert "/login" in sign_in(app, BUYER, password).get("/home").location


def test_leaving_needs_the_forms_token_and_then_holds(app: APIFlask) -> None:
    enroll(app, BUYER, Role.BUYER)
    client = sign_in(app, BUYER)
    assert client.post("/logout").status_code == 400
    client.post("/logout", data={"csrf_token": form_token(client, "/account/password")})
    assert client.get("/claims").status_code == 303


def test_a_new_password_replaces_the_old_one_and_ends_other_sessions(app: APIFlask) -> None:
    enroll(app, BUYER, Role.BUYER)
    here, elsewhere = sign_in(app, BUYER), sign_in(app, BUYER)
    form = {
        "password": PASSWORD,
        "new_password": "battery staple",
        "new_password_confirm": "battery staple",
        "csrf_token": form_token(here, "/account/password"),
    }
    assert here.post("/account/password", data=form).status_code == 302
    assert here.get("/claims").status_code == 200
    assert elsewhere.get("/claims").status_code == 303
    assert sign_in(app, BUYER).get("/claims").status_code == 303
    assert sign_in(app, BUYER, "battery staple").get("/claims").status_code == 200


def test_passwords_and_tokens_are_not_in_the_database(app: APIFlask) -> None:
    enroll(app, BUYER, Role.BUYER)
    with app.app_context():
        account = find_account(db.session, BUYER)
        token = issue_token(db.session, account, label="x", at=Clock().now())
        row = db.session.query(ApiToken).one()
        assert token not in (row.digest, row.label)
        assert account.password.startswith("$argon2id$")


def test_an_address_belongs_to_one_account_however_it_is_written(app: APIFlask) -> None:
    enroll(app, BUYER, Role.BUYER)
    with pytest.raises(BadInput, match="已有账号"):
        enroll(app, "Buyer@Mingan.Example", Role.BUYER)
    assert sign_in(app, "BUYER@mingan.example").get("/claims").status_code == 200


@pytest.mark.parametrize(
    ("email", "password"), [("no address", PASSWORD), ("a@mingan.example", "short")]
)
def test_an_account_needs_an_address_and_a_password_of_some_length(
    app: APIFlask, email: str, password: str
) -> None:
    with app.app_context(), pytest.raises(BadInput):
        create_account(db.session, email=email, password=password, name="x", roles=[])


def test_roles_are_shared_rows(app: APIFlask) -> None:
    enroll(app, "a@mingan.example", Role.BUYER)
    enroll(app, "b@mingan.example", Role.BUYER, Role.REVIEWER, reviewer_id="R-1")
    with app.app_context():
        actors = [row.as_actor() for row in db.session.query(Account).order_by(Account.id)]
    assert actors[0].roles == {Role.BUYER}
    assert actors[1].roles == {Role.BUYER, Role.REVIEWER}
    assert actors[1].reviewer_id == "R-1"
