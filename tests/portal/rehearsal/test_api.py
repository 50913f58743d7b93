"""The doors of a rehearsal: only where it is on, only for the operator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from portal.access import Role
from portal.accounts.holders import Holder, account_of
from portal.accounts.provision import issue_token
from portal.database import db
from tests.builders import a_house, house_of

CLOCK = "/api/v1/rehearsal/clock"
TOKENS = "/api/v1/rehearsal/tokens"
SEATS = "/api/v1/rehearsal/seats/MA-2026-000001"
Headers = dict[str, str]


@pytest.fixture
def app(tmp_path: Path) -> APIFlask:
    return a_house(tmp_path)


@pytest.fixture
def client(app: APIFlask) -> FlaskClient:
    return app.test_client()


def token_of(app: APIFlask, holder: Holder) -> Headers:
    with app.app_context():
        account = account_of(db.session, holder)
        token = issue_token(db.session, account, label="test", at=house_of(app).clock.now())
        db.session.commit()
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def operator(app: APIFlask) -> Headers:
    return token_of(app, Holder(Role.OPERATOR, "operator"))


def test_the_clock_moves_forward_for_everybody(
    app: APIFlask, client: FlaskClient, operator: Headers
) -> None:
    before = house_of(app).clock.now()
    answer = client.post(CLOCK, json={"seconds": 3600}, headers=operator).json
    assert answer["offset_seconds"] == 3600
    assert (datetime.fromisoformat(answer["now"]) - before).total_seconds() >= 3600


@pytest.mark.parametrize("seconds", [0, -1, 10**12, "60", 1.5, None])
def test_the_clock_never_moves_back_or_out_of_reach(
    client: FlaskClient, operator: Headers, seconds: object
) -> None:
    assert client.post(CLOCK, json={"seconds": seconds}, headers=operator).status_code == 422


def test_a_token_plays_the_person_it_was_asked_for(client: FlaskClient, operator: Headers) -> None:
    wanted = {"role": "REVIEWER", "reference": "r_1", "name": "A reviewer"}
    token = client.post(TOKENS, json=wanted, headers=operator).json["token"]
    answer = client.get("/api/v1/panels/mine", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json) == (200, [])


def test_two_tokens_of_one_reference_are_of_one_account(
    app: APIFlask, client: FlaskClient, operator: Headers
) -> None:
    wanted = {"role": "BUYER", "reference": "b_0123456789abcdef", "platform": "hailiao-live"}
    for _ in range(2):
        assert client.post(TOKENS, json=wanted, headers=operator).status_code == 200
    with app.app_context():
        holder = Holder(Role.BUYER, wanted["reference"], platform="hailiao-live")
        other = Holder(Role.BUYER, wanted["reference"], platform="another-live")
        assert account_of(db.session, holder).id != account_of(db.session, other).id


def test_a_buyer_without_a_platform_is_nobody(client: FlaskClient, operator: Headers) -> None:
    answer = client.post(TOKENS, json={"role": "BUYER", "reference": "b_1"}, headers=operator)
    assert (answer.status_code, answer.json["field"]) == (422, "platform")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPERATOR])
@pytest.mark.parametrize(
    "ask",
    [
        lambda client, headers: client.post(CLOCK, json={"seconds": 1}, headers=headers),
        lambda client, headers: client.post(TOKENS, json={}, headers=headers),
        lambda client, headers: client.get(SEATS, headers=headers),
    ],
    ids=["clock", "tokens", "seats"],
)
def test_nobody_but_the_operator_rehearses(
    app: APIFlask, client: FlaskClient, role: Role, ask: Callable[..., object]
) -> None:
    headers = token_of(app, Holder(role, "somebody", platform="hailiao-live"))
    assert ask(client, headers).status_code == 403  # type: ignore[attr-defined]


def test_outside_a_rehearsal_the_doors_do_not_exist(tmp_path: Path) -> None:
    app = a_house(tmp_path, rehearsal=False)
    headers = token_of(app, Holder(Role.OPERATOR, "operator"))
    client = app.test_client()
    answers = [client.post(CLOCK, json={"seconds": 1}, headers=headers)]
    answers += [client.post(TOKENS, json={}, headers=headers), client.get(SEATS, headers=headers)]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
