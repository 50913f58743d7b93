"""Handing over through the API: by the platform, with its token."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from portal.access import Role
from portal.accounts.holders import Holder, account_of
from portal.accounts.provision import issue_token
from portal.database import db
from tests.builders import SAMPLES, a_house, house_of

SILK = SAMPLES / "silk-shirt"
ORDER = (SILK / "order.json").read_bytes()
PARTS = {
    "session": "livestream.json",
    "replay": "replay.mp4",
    "transcript": "transcript.json",
    "chat": "chat.csv",
}


@pytest.fixture
def app(tmp_path: Path) -> APIFlask:
    return a_house(tmp_path)


def client_of(app: APIFlask, role: Role, reference: str) -> FlaskClient:
    """A program with a token, which it sends with everything."""
    with app.app_context():
        account = account_of(db.session, Holder(role, reference, platform="hailiao-live"))
        token = issue_token(db.session, account, label="test", at=house_of(app).clock.now())
        db.session.commit()
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


@pytest.fixture
def platform(app: APIFlask) -> FlaskClient:
    return client_of(app, Role.PLATFORM, "hailiao-live")


def send(client: FlaskClient, *parts: str) -> TestResponse:
    """POST the silk shirt's session; encoded here, for the client would leave its file open."""
    files = {
        part: FileStorage(BytesIO((SILK / PARTS[part]).read_bytes()), PARTS[part]) for part in parts
    }
    boundary, body = encode_multipart(files)
    kind = f'multipart/form-data; boundary="{boundary}"'
    return client.post("/api/v1/livestreams", data=body, content_type=kind)


def test_an_order_is_answered_with_a_receipt(platform: FlaskClient) -> None:
    first, again = (platform.post("/api/v1/orders", data=ORDER) for _ in range(2))
    assert (first.status_code, first.json["order_id"]) == (201, "HL2026110520163218620")
    assert again.json == first.json
    assert platform.get(f"/api/v1/receipts/{first.json['receipt']['index']}").status_code == 200


def test_a_missing_part_of_an_order_is_named_in_one_language(platform: FlaskClient) -> None:
    order = {name: part for name, part in json.loads(ORDER).items() if name != "live"}
    answer = platform.post("/api/v1/orders", data=json.dumps(order))
    assert (answer.status_code, answer.json["field"]) == (422, "live")
    assert '"缺少这一项"' in answer.text  # readable at a terminal


@pytest.mark.parametrize("name", ["12a_negative", "12b_sums", "12c_floats"])
def test_a_hostile_order_is_answered_422_with_its_field(platform: FlaskClient, name: str) -> None:
    content = (SAMPLES / "hostile" / f"{name}.order.json").read_bytes()
    answer = platform.post("/api/v1/orders", data=content)
    assert answer.status_code == 422
    assert answer.json["field"]


@pytest.mark.parametrize(
    ("role", "reference"), [(Role.BUYER, "b_1"), (Role.MERCHANT, "shop"), (Role.OPERATOR, "op")]
)
def test_only_a_platform_hands_over(app: APIFlask, role: Role, reference: str) -> None:
    client = client_of(app, role, reference)
    assert client.post("/api/v1/orders", data=ORDER).status_code == 403


def test_a_session_is_answered_with_a_receipt(platform: FlaskClient) -> None:
    answer = send(platform, *PARTS)
    assert (answer.status_code, answer.json["session_id"]) == (201, "ls-20261105-70221845-01")


@pytest.mark.parametrize("missing", ["session", "replay"])
def test_a_session_without_its_document_or_replay_is_refused(
    platform: FlaskClient, missing: str
) -> None:
    answer = send(platform, *(part for part in PARTS if part != missing))
    assert (answer.status_code, answer.json["field"]) == (422, missing)
