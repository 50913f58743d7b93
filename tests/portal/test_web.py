"""Headers, language and failures: what holds on every page."""

from __future__ import annotations

import pytest
from flask import Flask, abort, request
from flask.testing import FlaskClient

from portal.access import Role, public
from portal.errors import Refused, Unconfirmed
from portal.navigation import own_path
from tests.people import enroll, sign_in


def fail(kind: str) -> str:
    if kind == "refused":
        raise Refused("协商已在 %(time)s 截止", time="11月23日 07:10")
    if kind == "unconfirmed":
        raise Unconfirmed
    if kind == "bug":
        raise ZeroDivisionError
    abort(int(kind))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    for rule in ("/fail/<kind>", "/api/v1/fail/<kind>"):
        app.add_url_rule(rule, rule, public(fail), methods=["GET", "POST"])
    return app.test_client()


def test_no_page_may_run_what_did_not_come_from_here(client: FlaskClient) -> None:
    policy = client.get("/fail/404").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy


def test_pages_are_not_kept_on_shared_phones(client: FlaskClient) -> None:
    assert client.get("/fail/404").headers["Cache-Control"] == "no-store"


def test_chinese_is_the_language_of_a_browser_that_asks_for_none(client: FlaskClient) -> None:
    assert '<html lang="zh-Hans">' in client.get("/fail/404").text


def test_a_chosen_language_beats_the_browsers(client: FlaskClient) -> None:
    client.get("/language/en")
    page = client.get("/fail/404", headers={"Accept-Language": "zh-CN"})
    assert '<html lang="en">' in page.text


def test_an_unknown_language_is_not_found(client: FlaskClient) -> None:
    assert client.get("/language/xx").status_code == 404


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/\tx",
        "evil",
        "javascript:1",
        "",
    ],
)
def test_the_way_back_never_leaves_this_site(target: str) -> None:
    assert own_path(target) == "/"


def test_the_way_back_keeps_a_page_of_this_site() -> None:
    assert own_path("/cases/LZ-1?tab=2") == "/cases/LZ-1?tab=2"


def test_a_refusal_is_a_page_with_its_sentence(client: FlaskClient) -> None:
    answer = client.get("/fail/refused")
    assert answer.status_code == 409
    assert "协商已在 11月23日 07:10 截止" in answer.text


def test_a_refusal_of_the_api_is_json_with_the_same_sentence(client: FlaskClient) -> None:
    answer = client.get("/api/v1/fail/refused")
    assert (answer.status_code, answer.json["message"]) == (409, "协商已在 11月23日 07:10 截止")


def test_an_unconfirmed_command_can_be_sent_again_as_it_was(client: FlaskClient) -> None:
    answer = client.post("/fail/unconfirmed", data={"command_id": "c-1", "text": '<b>"'})
    assert answer.status_code == 503
    assert 'name="command_id" value="c-1"' in answer.text
    assert 'name="text" value="&lt;b&gt;&#34;"' in answer.text


def test_a_bug_shows_a_page_and_nothing_of_itself(client: FlaskClient) -> None:
    answer = client.get("/fail/bug")
    assert answer.status_code == 500
    assert "ZeroDivision" not in answer.text
    assert "我们这边出错了" in answer.text


def test_a_wrong_method_says_which_are_right(client: FlaskClient) -> None:
    answer = client.delete("/fail/404")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_logging_out_is_a_form_with_a_token(app: Flask) -> None:
    enroll(app, "buyer@example.org", Role.BUYER)
    page = sign_in(app, "buyer@example.org").get("/nowhere").text
    assert 'method="post" action="/logout"' in page
    assert 'name="csrf_token"' in page


def test_a_body_nested_without_end_is_malformed_and_not_our_failure(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    app.add_url_rule("/api/v1/read", "read", public(lambda: request.get_json()), methods=["POST"])
    body = {"data": "[" * 200_000, "content_type": "application/json"}
    assert app.test_client().post("/api/v1/read", **body).status_code == 400
