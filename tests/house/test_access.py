"""Every role at every door: in where the route says so, out where it does not, and a stranger of
the right role cannot tell somebody else's case from one that does not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from apiflask import APIFlask
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.access import API_PREFIX, Access, Role
from portal.accounts.provision import find_account, issue_token
from portal.database import db
from tests.builders import SAMPLES, a_house
from tests.journeys.cast import People
from tests.journeys.story import Story
from tests.people import enroll, sign_in

SILK = SAMPLES / "silk-shirt"
REFERENCES = {
    Role.BUYER: {"buyer_ref": "b_ffffffffffffffffff", "platform": "hailiao-live"},
    Role.MERCHANT: {"shop_id": "another shop", "merchant_id": "another merchant"},
    Role.REVIEWER: {"reviewer_id": "r_not_seated"},
    Role.PLATFORM: {"platform": "another platform"},
    Role.ASSOCIATION: {},
    Role.OPERATOR: {},
}
PARTIES = (Role.BUYER, Role.MERCHANT, Role.REVIEWER, Role.PLATFORM)
# Ends the very session that walks.
NOT_WALKED = {"security.logout"}
# How a panel was drawn and how it was counted is public, without a name or a word of the case.
PUBLISHED = re.compile(r"/cases/[^/]+/(draw|opening)\b")
MADE_UP = {"int": 987_654_321, "default": "nothing-here", "string": "nothing-here"}


@dataclass(frozen=True)
class Person:
    """An account, in a browser and as a program."""

    page: FlaskClient
    headers: Mapping[str, str]

    def ask(self, method: str, address: str) -> TestResponse:
        if address.startswith(API_PREFIX):
            return self.page.open(address, method=method, headers=self.headers)
        return self.page.open(address, method=method)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """A case in which a panel deliberates. Its portal leaves out the forms' tokens, so that the
    views behind them are reached."""
    app = a_house(tmp_path_factory.mktemp("access"))
    app.config["WTF_CSRF_ENABLED"] = False
    story = Story(app, SILK, people=People.of(app, SILK))
    story.hand_over()
    story.start_claim()
    story.attach(story.own_exhibits()[0])
    story.send_claim()
    story.answer()
    story.keep_up()
    story.take_seats()
    assert story.case.state == "DELIBERATION"
    return story


@pytest.fixture(scope="module")
def app(story: Story) -> APIFlask:
    return story.app


@pytest.fixture(scope="module")
def people(app: APIFlask) -> dict[Role, Person]:
    """One of each role, none of whom has to do with the case."""
    return {role: somebody(app, role) for role in Role}


def somebody(app: APIFlask, role: Role) -> Person:
    email = f"{role}@example.com".lower()
    enroll(app, email, role, **REFERENCES[role])
    at = app.extensions["mingan"].clock.now()
    with app.app_context():
        account = find_account(db.session, email)
        assert account is not None
        token = issue_token(db.session, account, label="walk", at=at)
        db.session.commit()
    return Person(sign_in(app, email), {"Authorization": f"Bearer {token}"})


def doors(app: Flask, values: Mapping[str, object]) -> Iterator[tuple[str, str, Access]]:
    """Method, address and declared access of every route; `values` fill variable parts."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        access: Access = app.view_functions[rule.endpoint].access  # type: ignore[attr-defined]
        filled = {name: filling(rule, name, values) for name in rule.arguments}
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if rule.endpoint not in NOT_WALKED:
                yield method, adapter.build(rule.endpoint, filled, method), access


def filling(rule: Rule, name: str, values: Mapping[str, object]) -> object:
    """What is given for a variable part, where it is of the kind that the route takes."""
    invented = made_up(rule, name)
    given = values.get(name, invented)
    return given if isinstance(given, type(invented)) else invented


def made_up(rule: Rule, name: str) -> object:
    is_number = type(rule._converters[name]).__name__ == "IntegerConverter"
    return MADE_UP["int" if is_number else "default"]


@pytest.mark.parametrize("role", Role)
def test_a_role_passes_where_it_may_and_nowhere_else(
    app: APIFlask, people: dict[Role, Person], role: Role
) -> None:
    wrong = []
    for method, address, access in doors(app, {}):
        status = people[role].ask(method, address).status_code
        allowed = access.is_public or role in access.roles
        if status >= 500 or (status in (401, 403)) == allowed:
            wrong.append(f"{method} {address}: {status}")
    assert wrong == []


def test_nobody_passes_only_where_everybody_may(app: APIFlask) -> None:
    wrong, stranger = [], Person(app.test_client(), {})
    for method, address, access in doors(app, {}):
        answer = stranger.ask(method, address)
        turned_away = answer.status_code == 401 or (answer.location or "").startswith("/login")
        if answer.status_code >= 500 or turned_away == access.is_public:
            wrong.append(f"{method} {address}: {answer.status}")
    assert wrong == []


@pytest.fixture(scope="module")
def real(story: Story) -> dict[str, object]:
    """The variable parts of addresses, of things that are somebody else's."""
    claim = story.case.claim
    return {
        "case_no": story.case_no,
        "draft_id": story.draft_id,
        "upload_id": story.case.exhibits[-1].upload_id,
        "number": "B1",
        "platform": claim.platform,
        "order_id": claim.order_id,
        "session_id": claim.session_id,
    }


@pytest.mark.parametrize("role", PARTIES)
def test_a_stranger_cannot_tell_a_case_from_none(
    app: APIFlask, people: dict[Role, Person], real: dict[str, object], role: Role
) -> None:
    wrong, ask = [], people[role].ask
    for there, nowhere in zip(doors(app, real), doors(app, {}), strict=True):
        (method, address, access), invented = there, nowhere[1]
        if address == invented or PUBLISHED.match(address):
            continue
        if role not in access.roles and not access.is_public:
            continue
        found, missing = ask(method, address), ask(method, invented)
        if found.status_code != missing.status_code or found.status_code < 400:
            wrong.append(f"{method} {address}: {found.status}, but {missing.status}")
    assert wrong == []


def test_the_people_of_a_case_do_pass(story: Story, real: dict[str, object]) -> None:
    """The counterpart: what the stranger is not shown exists, and is shown to those it concerns."""
    seated = story.case.drawn.seats[0].reviewer_id
    for who in ("BUYER", "MERCHANT", "PLATFORM", "ASSOCIATION", "OPERATOR", seated):
        assert story.send(who, "GET", f"/cases/{story.case_no}").status_code == 200, who
