from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import MetaData, String, Table, create_engine, insert, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import Column

from portal.config import Config
from portal.database import Moment, db, open_database, psycopg_url
from tests.builders import house_of
from tests.houses import open_app

moments = Table("moments", MetaData(), Column("name", String(9)), Column("at", Moment))


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/x.sqlite"
    return request.getfixturevalue("postgres_url")


def test_a_time_comes_back_in_utc_from_every_database(url: str) -> None:
    beijing = datetime(2026, 11, 22, 7, 10, tzinfo=timezone(timedelta(hours=8)))
    engine = create_engine(url)
    with engine.begin() as connection:
        moments.create(connection)
        connection.execute(insert(moments).values(name="a", at=beijing))
        found = connection.scalar(select(moments.c.at))
    engine.dispose()
    assert found == beijing
    assert found.utcoffset() == timedelta(0)


def test_a_time_without_an_offset_is_refused_before_it_is_stored() -> None:
    with pytest.raises(ValueError, match="without an offset"):
        Moment().process_bind_param(datetime(2026, 11, 22), None)  # noqa: DTZ001
    assert Moment().process_bind_param(datetime(2026, 11, 22, tzinfo=UTC), None)


def test_sqlite_waits_for_its_writer_keeps_keys_and_survives_a_power_cut(tmp_path: Path) -> None:
    app = Flask("doors", root_path=str(tmp_path))
    open_database(app, Config.for_folder(tmp_path))
    with app.app_context(), db.engine.connect() as connection:
        answers = {
            name: connection.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "busy_timeout", "foreign_keys", "synchronous")
        }
    assert answers == {
        "journal_mode": "wal",
        "busy_timeout": 30000,
        "foreign_keys": 1,
        "synchronous": 2,
    }


def test_a_socket_address_and_a_password_survive_the_change_of_driver() -> None:
    url = psycopg_url("postgresql://postgres:s%40cret@/postgres?host=/run/pg", "other")
    assert url == "postgresql+psycopg://postgres:s%40cret@/other?host=%2Frun%2Fpg"


def test_models_name_their_constraints() -> None:
    class Sample(db.Model):
        __tablename__ = "sample_of_test"
        id: Mapped[int] = mapped_column(primary_key=True)
        number: Mapped[str] = mapped_column(unique=True)

    try:
        names = {constraint.name for constraint in Sample.__table__.constraints}
        assert names == {"pk_sample_of_test", "uq_sample_of_test_number"}
    finally:
        db.metadata.remove(Sample.__table__)


def test_an_error_of_a_database_does_not_repeat_what_was_to_be_written(tmp_path: Path) -> None:
    app = open_app(tmp_path)
    asked = text("SELECT * FROM nowhere WHERE said = :said"), {"said": "买家的原话"}
    with house_of(app).sessions() as session, pytest.raises(OperationalError) as ours:
        session.execute(*asked)
    with app.app_context(), pytest.raises(OperationalError) as of_pages:
        db.session.execute(*asked)
    assert not [error for error in (ours, of_pages) if "买家的原话" in str(error.value)]
