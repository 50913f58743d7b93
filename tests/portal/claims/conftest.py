"""A portal in which the silk shirt's order and livestream are on record."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from apiflask import APIFlask

from portal.house import House
from tests.builders import a_house, close_house, house_of, record_sample

SILK = "silk-shirt"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[APIFlask]:
    app = a_house(tmp_path)
    record_sample(app, SILK)
    yield app
    close_house(app)


@pytest.fixture
def house(app: APIFlask) -> House:
    return house_of(app)
