"""The operator's pages and doors: health, what stands, the pool, accounts, tokens, tracks."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from ledger import StoreUnavailable
from ledger.stores.folder import FolderStore
from portal.access import Role
from portal.accounts.provision import issue_token
from portal.accounts.tables import Account
from portal.cases.tables import CaseRow
from portal.claims.commands import DecideOffer
from portal.database import db
from portal.events import Remedy
from portal.house import House
from portal.idempotency import new_command_id
from portal.operations import health
from portal.responses.commands import FileResponse
from tests.houses import case_of, file_a_claim, open_app
from tests.people import enroll, form_token, sign_in
from tests.values import CASE_NO

OPERATOR = "op@example.com"
TOKEN = re.compile(r"mingan_[\w-]{43}")


@pytest.fixture
def app(tmp_path: Path) -> APIFlask:
    app = open_app(tmp_path)
    enroll(app, OPERATOR, Role.OPERATOR)
    return app


@pytest.fixture
def house(app: APIFlask) -> House:
    house: House = app.extensions["mingan"]
    return house


@pytest.fixture
def client(app: APIFlask) -> FlaskClient:
    return sign_in(app, OPERATOR)


@pytest.fixture
def bearer(app: APIFlask) -> dict[str, str]:
    with app.app_context():
        account = db.session.get(Account, 1)
        assert account is not None
        clock = app.extensions["mingan"].clock
        token = issue_token(db.session, account, label="test", at=clock.now())
        db.session.commit()
    return {"Authorization": f"Bearer {token}"}


def send(client: FlaskClient, path: str, page: str, **fields: object) -> TestResponse:
    data = {"csrf_token": form_token(client, page), "command_id": new_command_id(), **fields}
    return client.post(path, data=data)


# ---- health


def test_health_is_public_and_says_no_secret(app: APIFlask) -> None:
    answer = app.test_client().get("/health")
    assert answer.status_code == 200
    assert answer.get_json() == {
        "ok": True,
        "store": True,
        "database": True,
        "entries": 0,
        "witnesses": [],
        "timestamps": None,
    }


def test_a_store_that_fails_makes_health_fail(
    app: APIFlask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> bytes:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(FolderStore, "get", fail)
    answer = app.test_client().get("/health")
    assert answer.status_code == 503
    assert answer.get_json()["store"] is False


def test_a_database_that_hangs_makes_health_fail_in_time(
    app: APIFlask, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = threading.Event()
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(type(house.projection), "size", lambda _self: asked.wait(120))
    answer = app.test_client().get("/health")
    asked.set()
    assert answer.status_code == 503
    assert answer.get_json()["database"] is False


# ---- what stands


def to_the_panel(house: House) -> None:
    file_a_claim(house)
    offer = FileResponse(CASE_NO, "OFFER", "", "", Remedy("PARTIAL_REFUND", 100), (), ())
    house.recorder.record(offer, by="MERCHANT", command_id="offer")
    house.recorder.record(DecideOffer(CASE_NO, accept=False), by="BUYER", command_id="decline")


def test_a_panel_that_cannot_be_seated_is_shown_with_its_reason(
    client: FlaskClient, house: House
) -> None:
    to_the_panel(house)
    long_ago = house.clock.now() - timedelta(hours=2)
    with house.sessions.begin() as session:
        session.execute(update(CaseRow).values(updated_at=long_ago))
    page = client.get("/ops").text
    assert "1 件事需要你看" in page
    assert "评审员不足" in page
    assert CASE_NO in page
    assert "2 小时" in page


def test_cases_near_their_limit_are_shown_the_late_ones_first(
    client: FlaskClient, house: House
) -> None:
    file_a_claim(house)
    assert "还有 23 小时" in client.get("/ops").text
    with house.sessions.begin() as session:
        session.execute(update(CaseRow).values(due_at=house.clock.now() - timedelta(hours=1)))
    assert "时间已到" in client.get("/ops").text


def test_the_operators_page_names_no_buyer(client: FlaskClient, house: House) -> None:
    to_the_panel(house)
    claim = case_of(house).claim
    page = client.get("/ops").text
    assert "有新的投诉等你答复" in page
    assert claim.buyer_ref not in page
    assert claim.order_id not in page


def test_only_the_operator_gets_in(app: APIFlask) -> None:
    enroll(app, "watch@example.com", Role.ASSOCIATION)
    client = sign_in(app, "watch@example.com")
    for path in ("/ops", "/ops/accounts", f"/ops/track/{CASE_NO}"):
        assert client.get(path).status_code == 403


# ---- accounts and tokens


def test_a_token_is_shown_once_and_opens_the_api_until_it_is_revoked(
    app: APIFlask, client: FlaskClient
) -> None:
    answer = send(client, "/ops/accounts", "/ops/accounts", name="省消协", roles=["ASSOCIATION"])
    found = TOKEN.search(answer.text)
    assert found is not None
    assert found.group() not in client.get("/ops/accounts").text
    program = app.test_client()
    bearer = {"Authorization": f"Bearer {found.group()}"}
    assert program.get("/api/v1/cases", headers=bearer).status_code == 200
    send(client, "/ops/accounts/2/tokens/revoke", "/ops/accounts/2")
    assert program.get("/api/v1/cases", headers=bearer).status_code == 401


def test_a_further_token_is_issued_for_a_named_use(app: APIFlask, client: FlaskClient) -> None:
    send(client, "/ops/accounts", "/ops/accounts", name="省消协", roles=["ASSOCIATION"])
    assert send(client, "/ops/accounts/2/tokens", "/ops/accounts/2").status_code == 422
    answer = send(client, "/ops/accounts/2/tokens", "/ops/accounts/2", label="同步")
    assert TOKEN.search(answer.text)
    assert client.get("/ops/accounts/99").status_code == 404


def test_a_role_without_its_reference_is_refused(client: FlaskClient) -> None:
    answer = send(client, "/ops/accounts", "/ops/accounts", name="x", roles=["MERCHANT"])
    assert answer.status_code == 422
    assert "这个身份需要填写这一项" in answer.text


# ---- track


def test_the_track_is_changed_with_a_reason_before_anybody_is_called(
    client: FlaskClient, house: House
) -> None:
    file_a_claim(house)
    path = f"/ops/track/{CASE_NO}"
    assert send(client, path, path, track="COMPLEX").status_code == 422
    answer = send(client, path, path, track="COMPLEX", reason="金额较大")
    assert answer.status_code == 303
    assert case_of(house).track == "COMPLEX"
    assert send(client, "/ops/track/none", path, track="FAST", reason="x").status_code == 404


# ---- the same through the API


def test_the_api_opens_accounts(app: APIFlask, bearer: dict[str, str]) -> None:
    client = app.test_client()
    wish = {"name": "平台", "roles": ["PLATFORM"], "platform": "hailiao-live"}
    answer = client.post("/api/v1/accounts", json=wish, headers=bearer)
    assert answer.status_code == 201
    assert TOKEN.fullmatch(answer.get_json()["token"])


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"name": "x", "roles": []}, "roles"),
        ({"name": "x", "roles": ["KING"]}, "roles.0"),
        ({"name": "x", "roles": ["BUYER"], "platform": "p"}, "buyer_ref"),
        ({"name": "x", "roles": ["ASSOCIATION"], "email": "nobody"}, "email"),
        ({"name": "x", "roles": ["ASSOCIATION"], "admin": True}, "admin"),
        ({"name": "x", "roles": ["ASSOCIATION", "OPERATOR"]}, "roles"),
    ],
)
def test_the_api_names_the_field_that_is_wrong(
    app: APIFlask, bearer: dict[str, str], wish: dict[str, object], field: str
) -> None:
    answer = app.test_client().post("/api/v1/accounts", json=wish, headers=bearer)
    assert (answer.status_code, answer.get_json()["field"]) == (422, field)


def test_an_operator_makes_no_second_person_who_lets_money_go(
    app: APIFlask, client: FlaskClient
) -> None:
    """Neither a new operator nor a token in another operator's name."""
    other = enroll(app, "op2@example.com", Role.OPERATOR)
    added = send(client, "/ops/accounts", "/ops/accounts", name="x", roles=["OPERATOR"])
    assert added.status_code == 422
    place = f"/ops/accounts/{other}"
    issued = send(client, f"{place}/tokens", place, label="x")
    assert (issued.status_code, TOKEN.search(issued.text)) == (422, None)
    own = send(client, "/ops/accounts/1/tokens", "/ops/accounts/1", label="x")
    assert TOKEN.search(own.text)


def test_the_api_enrolls_once_under_one_key(
    app: APIFlask, house: House, bearer: dict[str, str]
) -> None:
    client, wish = app.test_client(), {"reviewer_id": "r_1", "stratum": "EXPERT"}
    keyed = {**bearer, "Idempotency-Key": "one"}
    first = client.post("/api/v1/reviewers", json=wish, headers=keyed)
    again = client.post("/api/v1/reviewers", json=wish, headers=keyed)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.get_json() == again.get_json()
    assert client.post("/api/v1/reviewers", json=wish, headers=bearer).status_code == 409


def test_the_api_assigns_a_track(app: APIFlask, house: House, bearer: dict[str, str]) -> None:
    file_a_claim(house)
    path = f"/api/v1/cases/{CASE_NO}/track"
    wish = {"track": "COMPLEX", "reason": "金额较大"}
    assert app.test_client().post(path, json=wish, headers=bearer).status_code == 200
    assert case_of(house).track == "COMPLEX"
