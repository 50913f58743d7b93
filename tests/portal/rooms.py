"""People of one case with a browser or a token: its shop, its seats, a stranger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from flask_security import hash_password
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.access import Actor, Role
from portal.accounts.provision import find_account, issue_token
from portal.accounts.tables import Account
from portal.database import db
from portal.events import Seat
from portal.panels import desk
from portal.responses import desk as responses
from tests.builders import close_house, house_of
from tests.houses import accept_all, case_of, enroll_pool, file_a_claim, open_app, perform_todo
from tests.people import PASSWORD, enroll, form_token, sign_in
from tests.values import CASE_NO

SHOP = "shop@example.com"
SHOP_ACTOR = Actor(
    account_id=50, roles=frozenset({Role.MERCHANT}), platform="hailiao-live", shop_id="shop-1"
)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[APIFlask]:
    """A portal whose worker's tables exist too, so that duties can be performed."""
    app = open_app(tmp_path)
    yield app
    close_house(app)


@pytest.fixture(scope="module")
def one_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIFlask]:
    """One portal for a file whose story goes on from test to test."""
    app = open_app(tmp_path_factory.mktemp("house"))
    yield app
    close_house(app)


def a_shop(app: APIFlask, email: str = SHOP, shop_id: str = "shop-1") -> FlaskClient:
    """A browser in which somebody of the shop is signed in."""
    enroll(app, email, Role.MERCHANT, shop_id=shop_id, merchant_id="mer-1")
    return sign_in(app, email)


def a_token(app: APIFlask, email: str) -> dict[str, str]:
    """The header with which a program acts for this account."""
    with app.app_context():
        account = find_account(db.session, email)
        assert account is not None
        token = issue_token(db.session, account, label="test", at=house_of(app).clock.now())
        db.session.commit()
    return {"Authorization": f"Bearer {token}"}


def seat_a_panel(app: APIFlask, **changes: Any) -> tuple[Seat, ...]:
    """A claim that the shop denies, and the seven who judge it; all have accepted."""
    seats = invite_a_panel(app, **changes)
    accept_all(house_of(app))
    return seats


def invite_a_panel(app: APIFlask, **changes: Any) -> tuple[Seat, ...]:
    """A claim that the shop denies, and the seven who were drawn and have not answered."""
    enroll_pool(app)
    file_a_claim(house_of(app), **changes)
    answer = responses.Answer("DENY", "详情页写明聚酯纤维", "AS_SAID")
    responses.respond(house_of(app), SHOP_ACTOR, CASE_NO, answer, "answer/1")
    perform_todo(house_of(app))
    drawn = case_of(house_of(app)).drawn
    assert drawn is not None
    return drawn.seats


def reviewer(seat: Seat) -> Actor:
    return Actor(
        account_id=100 + seat.number,
        roles=frozenset({Role.REVIEWER}),
        reviewer_id=seat.reviewer_id,
    )


def a_vote(choice: str = "SUPPORT_CLAIMANT", **changes: Any) -> desk.Vote:
    values: dict[str, Any] = {
        "reasons": ("PROMISE_PROVED",),
        "text": "吊牌与口播不符。",
        "citations": ("B1",),
    }
    return desk.Vote(choice, **values | changes)


def cast(app: APIFlask, seat: Seat, vote: desk.Vote | None = None, wish: str = "") -> desk.Slip:
    wish = wish or f"vote/{seat.number}"
    open_required(app, seat)
    return desk.cast(house_of(app), reviewer(seat), CASE_NO, vote or a_vote(), wish)


def open_required(app: APIFlask, seat: Seat) -> None:
    """The reviewer looks at everything that must be looked at before a vote."""
    house = house_of(app)
    called = case_of(house).called
    assert called is not None
    desk.open_exhibits(house, reviewer(seat), CASE_NO, called.required)


def sign_in_seat(app: APIFlask, seat: Seat) -> FlaskClient:
    """A browser in which this reviewer is signed in."""
    with app.app_context():
        query = select(Account).where(Account.reviewer_id == seat.reviewer_id)
        account = db.session.scalars(query).one()
        account.password = hash_password(PASSWORD)
        email = account.email
        db.session.commit()
    return sign_in(app, email)


def send(client: FlaskClient, page: str, to: str | None = None, **fields: Any) -> TestResponse:
    """Fill in the form of a page and send it, with the token that the page holds."""
    token = {"csrf_token": form_token(client, page)}
    return client.post(to or page, data=token | fields)
