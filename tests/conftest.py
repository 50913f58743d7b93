"""Fixtures that every test may use. Databases and browsers come from their own modules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from apiflask import APIFlask

from portal import create_app
from portal.config import Config
from portal.database import db
from tests.houses import lay_tables
from tests.patience import be_patient
from tests.people import FAST_HASHING

pytest_plugins = ["tests.postgres", "tests.browser"]


@pytest.fixture(scope="session", autouse=True)
def patience() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        be_patient(patch)
        yield


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A portal in a folder of its own; the clock may be moved."""
    return Config.for_folder(tmp_path / "home", rehearsal=True, hashing=FAST_HASHING)


@pytest.fixture
def app(config: Config) -> Iterator[APIFlask]:
    """The whole portal with empty tables. Use clients outside of its application context: inside
    one, flask-login would remember the first person for everybody."""
    lay_tables(config)
    app = create_app(config)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    app.extensions["mingan"].log.close()
