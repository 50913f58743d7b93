"""One case that went all the way, and one that is being voted on, for all tests of a module."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from portal.access import Role
from portal.house import House
from tests.builders import a_house, buyer_of, document, file_sample, house_of
from tests.people import enroll, sign_in
from tests.played import offer_and_decline, play_to_end, vote

SAMPLE = "silk-shirt"
ASSOCIATION = "watch@example.com"
BUYER = "buyer@example.com"
MERCHANT = "shop@example.com"


@dataclass(frozen=True)
class Town:
    """A portal with a case, and people who may look at it."""

    app: APIFlask
    case_no: str

    @property
    def house(self) -> House:
        return house_of(self.app)

    def sign_in(self, email: str) -> FlaskClient:
        return sign_in(self.app, email)


def a_town(folder: Path) -> Town:
    app = a_house(folder)
    case_no = file_sample(app, SAMPLE)
    buyer = buyer_of(SAMPLE)
    merchant = document(SAMPLE, "livestream.json")["merchant"]
    enroll(app, ASSOCIATION, Role.ASSOCIATION)
    enroll(app, BUYER, Role.BUYER, buyer_ref=buyer.buyer_ref, platform=buyer.platform)
    enroll(app, MERCHANT, Role.MERCHANT, shop_id=merchant["shop_id"])
    return Town(app, case_no)


@pytest.fixture(scope="package")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """The case is closed: offer, panel, ruling, return, refund. Do not change it."""
    town = a_town(tmp_path_factory.mktemp("decided"))
    play_to_end(town.app, town.case_no)
    return town


@pytest.fixture(scope="package")
def voting(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Three of seven have voted. Do not change it."""
    town = a_town(tmp_path_factory.mktemp("voting"))
    offer_and_decline(town.app, town.case_no)
    vote(town.app, town.case_no, seats=3)
    return town
