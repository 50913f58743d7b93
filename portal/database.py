"""Rows: SQLite (WAL) in one process, PostgreSQL with many. Nothing here knows a table.

Most tables are projections of the ledger and may be dropped and rebuilt; they are marked
`__table_args__ = {"info": {"projected": True}}`. Accounts, sessions, drafts and outgoing messages
are plain SQL and are not.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, MetaData, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Session, registry, scoped_session
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from portal.config import Config

# A request's, which its end gives back, or one of somebody's own.
AnySession = Session | scoped_session[Session]

BUSY_SECONDS = 30

# Alembic must be able to name every constraint it drops; SQLite gives none of its own.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# The workflow engine's tables: beside ours on SQLite, in a schema of their own on PostgreSQL. No
# model may take one of these names, and no migration touches them.
ENGINE_TABLES = frozenset(
    {
        "application_versions",
        "dbos_migrations",
        "notifications",
        "operation_outputs",
        "queues",
        "streams",
        "workflow_events",
        "workflow_events_history",
        "workflow_input",
        "workflow_output",
        "workflow_schedules",
        "workflow_status",
    }
)


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime in every database; SQLite alone would hand back naive ones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without an offset")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    registry = registry(
        metadata=MetaData(naming_convention=NAMING), type_annotation_map={datetime: Moment}
    )


db = SQLAlchemy(model_class=Base)


def open_database(app: Flask, config: Config) -> None:
    """Bind `db` to the configured database; SQLite connections get their pragmas."""
    app.config["SQLALCHEMY_DATABASE_URI"] = config.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "pool_pre_ping": not is_sqlite(config.database_url),
        "hide_parameters": True,
    }
    db.init_app(app)
    with app.app_context():
        event.listen(db.engine, "connect", set_pragmas)


def set_pragmas(connection: Any, _record: object = None) -> None:
    """A DBAPI `connect` listener. WAL: readers never wait for the one writer. FULL: a committed
    row survives a power cut, so that the projection's position is never ahead of its rows."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")


def is_sqlite(url: str) -> bool:
    return url.startswith("sqlite:")


def is_ours(name: str | None, kind: str, _parents: object = None) -> bool:
    """Alembic's `include_name`: everything but the workflow engine's tables."""
    return not (kind == "table" and name in ENGINE_TABLES)


def psycopg_url(url: str, database: str | None = None) -> str:
    """`postgres://…` or `postgresql://…` as SQLAlchemy wants it (psycopg 3), with its password;
    `database` replaces the database's name."""
    parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    named = parsed.set(drivername="postgresql+psycopg", database=database or parsed.database)
    return named.render_as_string(hide_password=False)
