"""Every route says who may pass, and the door behind that sentence is closed."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

from portal import create_app
from portal.access import API_PREFIX, Access
from portal.config import Config
from tests.houses import close_in_the_end

# A value for each kind of variable part of an address; none of them exists.
SAMPLES = {"int": 1, "string": "x", "default": "x", "path": "x", "uuid": "0" * 32}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder: Path = tmp_path_factory.mktemp("portal")
    return close_in_the_end(create_app(Config.for_folder(folder)))


def access_of(app: Flask, rule: Rule) -> Access | None:
    return getattr(app.view_functions[rule.endpoint], "access", None)


def guarded(app: Flask, method: str) -> list[tuple[Rule, str]]:
    """Rules that are not public, with an address each."""
    adapter = app.url_map.bind("localhost")
    found = []
    for rule in app.url_map.iter_rules():
        access = access_of(app, rule)
        if access and not access.is_public and method in (rule.methods or ()):
            found.append((rule, adapter.build(rule.endpoint, sample_values(rule), method)))
    return found


def sample_values(rule: Rule) -> dict[str, object]:
    return {
        name: converter.to_python(str(SAMPLES["int"]))
        if type(converter).__name__ == "IntegerConverter"
        else SAMPLES["uuid" if "UUID" in type(converter).__name__ else "string"]
        for name, converter in rule._converters.items()
    }


def test_every_route_declares_who_may_pass(app: Flask) -> None:
    undeclared = [rule.rule for rule in app.url_map.iter_rules() if access_of(app, rule) is None]
    assert not undeclared


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_stranger_gets_through_no_guarded_route(app: Flask, method: str) -> None:
    client = app.test_client()
    for rule, address in guarded(app, method):
        answer = client.open(address, method=method)
        if address.startswith(API_PREFIX):
            assert answer.status_code == 401, rule
        else:
            assert answer.status_code == 303, rule
            assert answer.location.startswith("/login"), rule


def test_a_public_page_that_writes_still_wants_the_forms_token(app: Flask) -> None:
    client = app.test_client()
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        access = access_of(app, rule)
        if access and access.is_public and "POST" in (rule.methods or ()):
            address = adapter.build(rule.endpoint, sample_values(rule), "POST")
            if not address.startswith(API_PREFIX) and not proves_itself(app, rule):
                assert client.post(address).status_code == 400, rule


def proves_itself(app: Flask, rule: Rule) -> bool:
    """A door of signatures; one by one, since no form's token is asked for there."""
    signed = getattr(app.view_functions[rule.endpoint], "signed", False)
    assert not signed or rule.endpoint == "notices.notice", rule
    return signed


def test_the_guard_covers_something(app: Flask) -> None:
    assert guarded(app, "GET")
    assert guarded(app, "POST")
