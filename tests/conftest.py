"""Fixtures that every test may use. Databases and browsers come from their own modules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from apiflask import APIFlask
from hypothesis import HealthCheck, settings

from portal import create_app
from portal.config import Config
from portal.database import db
from tests.houses import lay_tables
from tests.patience import be_patient
from tests.people import FAST_HASHING

pytest_plugins = ["tests.postgres", "tests.browser"]

# The same examples at each run, and none fails because the machine stood still for a fifth of a
# second; pytest --hypothesis-profile=exploring looks for new ones.
settings.register_profile("exploring", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", settings.get_profile("exploring"), derandomize=True)
settings.load_profile("same")


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
