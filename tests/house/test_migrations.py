"""An empty database brought up by the migrations equals the models, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import JSON, Table, insert, inspect, select, text
from sqlalchemy.types import TypeEngine

from portal import create_app
from portal.accounts.tables import Account
from portal.cases.tables import CaseRow
from portal.config import Config
from portal.database import ENGINE_TABLES, Moment, db, is_ours
from portal.orders.tables import OrderRow
from portal.refunds.tables import ReservationRow
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


def test_a_merchants_account_learns_its_platform_where_there_is_only_one(app: Flask) -> None:
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"), revision="0003")
        for number, shop in enumerate(("one", "two", "none"), 1):
            add(Account.__table__, id=number, email=shop, fs_uniquifier=shop, shop_id=shop)
        for number, (shop, platform) in enumerate((("one", "p"), ("two", "p"), ("two", "q"))):
            add(CaseRow.__table__, case_no=f"{number}", shop_id=shop, platform=platform)
        add(OrderRow.__table__, order_id="o", shop_id="one", platform="p")
        upgrade(directory=str(ROOT / "migrations"))
        named = db.session.execute(select(Account.shop_id, Account.platform)).all()
        assert dict(named) == {"one": "p", "two": None, "none": None}
        db.session.remove()
        db.engine.dispose()


def test_a_shops_day_becomes_its_platforms_and_keeps_its_sum(app: Flask) -> None:
    sums = "SELECT whose, fen FROM money_day ORDER BY whose"
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"), revision="0005")
        set_aside = (("p", 10_000, "HELD"), ("p", 5_000, "SPENT"), ("q", 700, "HELD"))
        for number, (platform, fen, state) in enumerate((*set_aside, ("q", 9, "RELEASED"))):
            of_shop = {"platform": platform, "shop_id": "9", "day": "2026-11-22"}
            values = {"refund_no": f"{number}", "amount_fen": fen, "state": state}
            add(ReservationRow.__table__, **of_shop, **values)
        db.session.execute(text("INSERT INTO money_day VALUES ('2026-11-22', '9', 15700)"))
        db.session.commit()
        upgrade(directory=str(ROOT / "migrations"))
        kept = dict(db.session.execute(text(sums)).all())
        assert kept == {"": 15_700, "p/9": 15_000, "q/9": 700}
        db.session.remove()
        db.engine.dispose()


def add(table: Table, **values: object) -> None:
    """A row in which nothing else matters."""
    needed = (c for c in table.columns if not c.nullable and c.name not in values)
    blank = {column.name: blank_of(column.type) for column in needed}
    db.session.execute(insert(table).values(**blank, **values))
    db.session.commit()


def blank_of(kind: TypeEngine[Any]) -> object:
    if isinstance(kind, Moment):
        return datetime(2026, 11, 22, tzinfo=UTC)
    return {} if isinstance(kind, JSON) else kind.python_type()


def test_no_model_takes_a_name_of_the_workflow_engine() -> None:
    assert ENGINE_TABLES.isdisjoint(db.metadata.tables)
