"""One portal for all pages of a return: the story goes on from test to test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from apiflask import APIFlask

from portal.database import db
from tests.houses import open_app


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIFlask]:
    app = open_app(tmp_path_factory.mktemp("house"))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
