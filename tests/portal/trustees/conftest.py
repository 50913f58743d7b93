"""A portal whose ballots are sealed to three trustees that really run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from apiflask import APIFlask

from portal.config import Config
from portal.logkey import read_or_make_log_key
from portal.trustees.enrolment import enroll_configured
from portal.trustees.settings import read_trustees
from tests.builders import close_house, house_of
from tests.houses import open_app
from tests.keyholders import Keyholders, keyholders


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Keyholders]:
    config = Config.for_folder(tmp_path)
    log = read_or_make_log_key(config.keys_folder / "log.key", config.origin)
    with keyholders(tmp_path / "trustees", (each.vkey for each in log.verifiers)) as running:
        yield running


@pytest.fixture
def app(tmp_path: Path, three: Keyholders) -> Iterator[APIFlask]:
    app = open_app(tmp_path, trustees=read_trustees(str(three.settings)))
    house = house_of(app)
    house.projection.catch_up()
    enroll_configured(house.recorder, house.sessions, house.config.trustees)
    yield app
    close_house(app)
