"""Messages: for whom they are, newest first, read when said to be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from apiflask import APIFlask

from tests.builders import (
    a_house,
    close_house,
    file_sample,
    house_of,
    sign_in_buyer,
    sign_in_merchant,
)
from tests.people import form_token

SILK = "silk-shirt"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[APIFlask]:
    app = a_house(tmp_path)
    file_sample(app, SILK, files=False)
    yield app
    close_house(app)


def test_the_merchant_hears_of_the_claim_and_the_buyer_does_not(app: APIFlask) -> None:
    assert "有新的投诉等你答复" in sign_in_merchant(app, SILK).get("/messages").text
    assert "没有消息" in sign_in_buyer(app, SILK).get("/messages").text


def test_reading_marks_what_was_seen(app: APIFlask) -> None:
    merchant = sign_in_merchant(app, SILK)
    page = merchant.get("/messages").text
    until = re.search(r'name="until" value="(\d+)"', page)
    assert "未读" in page
    assert until
    token = form_token(merchant, "/messages")
    merchant.post("/messages/read", data={"csrf_token": token, "until": until[1]})
    assert "未读" not in merchant.get("/messages").text


def test_nobody_marks_the_messages_of_somebody_else(app: APIFlask) -> None:
    merchant, buyer = sign_in_merchant(app, SILK), sign_in_buyer(app, SILK)
    token = form_token(buyer, "/me") or form_token(buyer, "/messages")
    buyer.post("/messages/read", data={"csrf_token": token, "until": 999})
    assert "未读" in merchant.get("/messages").text


def test_a_rebuild_tells_nobody_a_second_time(app: APIFlask) -> None:
    house_of(app).projection.rebuild()
    page = sign_in_merchant(app, SILK).get("/messages").text
    assert page.count("有新的投诉等你答复") == 1
