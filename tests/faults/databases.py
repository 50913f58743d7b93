"""A database for every trial: a file that is copied with its folder, or a copy of a template on a
real PostgreSQL server."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import NullPool, create_engine, text

from portal.database import psycopg_url


@dataclass(frozen=True)
class Sqlite:
    """The database lies in the folder, so a copy of the folder has its own."""

    name: str = "sqlite"

    def template(self) -> str | None:
        return None

    @contextmanager
    def copy(self, template: str | None) -> Iterator[str | None]:
        yield None


@dataclass(frozen=True)
class Postgres:
    """Databases on one server; `server` is the address of a database that may create others."""

    server: str
    name: str = "postgresql"

    def template(self) -> str:
        name = f"faults_{secrets.token_hex(6)}"
        self._run(f"CREATE DATABASE {name}")
        return name

    @contextmanager
    def copy(self, template: str | None) -> Iterator[str | None]:
        """Nobody may be connected to the template while it is copied."""
        name = f"trial_{secrets.token_hex(6)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        try:
            yield self.url(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        return psycopg_url(self.server, name)

    def _run(self, statement: str) -> None:
        engine = create_engine(self.server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            connection.execute(text(statement))


Database = Sqlite | Postgres


def changes_for(url: str | None) -> dict[str, str]:
    """What a configuration needs beside its folder."""
    return {"database_url": url} if url else {}
