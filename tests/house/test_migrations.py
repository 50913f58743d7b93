"""An empty database brought up by the migrations equals the models, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from portal import create_app
from portal.config import Config
from portal.database import ENGINE_TABLES, db, is_ours
from tests.house.source import ROOT
from tests.houses import close_in_the_end


@pytest.fixture(params=["sqlite", "postgres"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Flask:
    changes = {}
    if request.param == "postgres":
        changes["database_url"] = request.getfixturevalue("postgres_url")
    return close_in_the_end(create_app(Config.for_folder(tmp_path, **changes)))


def test_the_migrations_build_what_the_models_say(app: Flask) -> None:
    options = {"compare_type": True, "include_name": is_ours}
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts=options)
            assert compare_metadata(context, db.metadata) == []
        db.engine.dispose()


def test_the_migrations_build_the_primary_keys_of_the_models(app: Flask) -> None:
    """Alembic does not compare them, and a second reviewer on a seat hung on one."""
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        built = inspect(db.engine)
        for name, table in db.metadata.tables.items():
            key = set(built.get_pk_constraint(name)["constrained_columns"])
            assert key == {column.name for column in table.primary_key}, name
        db.engine.dispose()


def test_the_migrations_can_be_taken_back(app: Flask) -> None:
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        downgrade(directory=str(ROOT / "migrations"), revision="base")
        left = set(inspect(db.engine).get_table_names()) - ENGINE_TABLES - {"alembic_version"}
        assert left == set()
        db.engine.dispose()


def test_no_model_takes_a_name_of_the_workflow_engine() -> None:
    assert ENGINE_TABLES.isdisjoint(db.metadata.tables)
