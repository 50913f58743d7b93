"""The provider's own books: one SQLite file that several processes may write.

Each transaction has a connection of its own, which a fork or a thread can therefore not share. A
commit survives a killed process; it is not flushed to the disk, since no money hangs on it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FILE = "provider.sqlite"
_BUSY_SECONDS = 30
_VERSION = 1

_SCHEMA = """
CREATE TABLE payment (
  provider TEXT NOT NULL, provider_txn TEXT NOT NULL, merchant_txn TEXT NOT NULL,
  paid_fen INTEGER NOT NULL CHECK (paid_fen > 0), cash_fen INTEGER NOT NULL,
  paid_at TEXT NOT NULL, method TEXT NOT NULL,
  PRIMARY KEY (provider, provider_txn)
) WITHOUT ROWID;
CREATE INDEX payment_merchant ON payment (provider, merchant_txn);
CREATE TABLE move (
  id INTEGER PRIMARY KEY, ref TEXT NOT NULL UNIQUE, provider TEXT NOT NULL, kind TEXT NOT NULL,
  number TEXT NOT NULL, nth INTEGER NOT NULL, provider_txn TEXT NOT NULL,
  merchant_txn TEXT NOT NULL, amount_fen INTEGER NOT NULL, cash_fen INTEGER NOT NULL,
  total_fen INTEGER NOT NULL, digest TEXT NOT NULL, advance INTEGER NOT NULL,
  reason TEXT NOT NULL, payee TEXT NOT NULL, notify_url TEXT NOT NULL, note TEXT NOT NULL,
  state TEXT NOT NULL, route TEXT NOT NULL, deposit TEXT NOT NULL, waits INTEGER NOT NULL,
  at TEXT NOT NULL, succeeded_at TEXT NOT NULL, ended_at TEXT NOT NULL,
  UNIQUE (provider, kind, number, nth)
);
CREATE INDEX move_payment ON move (provider, provider_txn, at);
CREATE INDEX move_success ON move (provider, succeeded_at);
CREATE INDEX move_waits ON move (id) WHERE waits = 1;
CREATE TABLE plan (
  id INTEGER PRIMARY KEY, move_id INTEGER NOT NULL, at TEXT NOT NULL, becomes TEXT NOT NULL
);
CREATE INDEX plan_due ON plan (at);
CREATE TABLE asked (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, provider TEXT NOT NULL, kind TEXT NOT NULL,
  number TEXT NOT NULL, path TEXT NOT NULL, digest TEXT NOT NULL, applied INTEGER NOT NULL,
  status INTEGER NOT NULL, fault TEXT NOT NULL
);
CREATE INDEX asked_number ON asked (provider, number);
CREATE TABLE fault (
  id INTEGER PRIMARY KEY, provider TEXT NOT NULL, kind TEXT NOT NULL, on_kind TEXT NOT NULL,
  number TEXT NOT NULL, seconds REAL, times INTEGER NOT NULL
);
CREATE TABLE notice (
  id INTEGER PRIMARY KEY, event_id TEXT NOT NULL, move_id INTEGER NOT NULL, event TEXT NOT NULL,
  at TEXT NOT NULL, due_at TEXT, tries INTEGER NOT NULL, status INTEGER NOT NULL
);
CREATE INDEX notice_due ON notice (due_at);
CREATE TABLE remembered (
  key TEXT PRIMARY KEY, at TEXT NOT NULL, digest TEXT NOT NULL, status INTEGER NOT NULL,
  body TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE returned (
  ref TEXT NOT NULL, id TEXT NOT NULL, amount_fen INTEGER NOT NULL, at TEXT NOT NULL,
  PRIMARY KEY (ref)
) WITHOUT ROWID;
CREATE TABLE link (
  token TEXT PRIMARY KEY, provider TEXT NOT NULL, what TEXT NOT NULL, at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE switch (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


class Store:
    """The file in a simulator's folder; made at the first transaction."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; only one at a time."""
        with closing(self._open()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to read from."""
        with closing(self._open()) as connection:
            yield connection

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous=OFF")
        if connection.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
            _create(connection)
        return connection


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("BEGIN IMMEDIATE")
    if connection.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
        for statement in _SCHEMA.split(";\n"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={_VERSION}")
    connection.execute("COMMIT")


def read_switch(connection: sqlite3.Connection, name: str, default: Any) -> Any:
    """A setting of the simulator that was changed while it runs."""
    row = connection.execute("SELECT value FROM switch WHERE name = ?", (name,)).fetchone()
    return default if row is None else json.loads(row[0])


def write_switch(connection: sqlite3.Connection, name: str, value: Any) -> None:
    connection.execute("REPLACE INTO switch VALUES (?, ?)", (name, json.dumps(value)))


def text_of(moment: datetime) -> str:
    """A time as its column: UTC with milliseconds, so that order of texts is order of times."""
    utc = moment.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def time_of(text: str) -> datetime:
    return datetime.fromisoformat(text)
