"""Is what the pages show what the ledger says? Everything recomputed, everything compared.

    ledger      every object of the store: commits, tiles, checkpoints, files (ledger/checking/)
    rows        the ledger is projected afresh into a database of its own, and every row of every
                projected table is compared with the row that is in use, both ways

The copy ends at the entry up to which the live rows go, and both are read in one transaction each,
so a portal may work on meanwhile. A difference names table, key and column; no value is repeated,
because it may be a person's.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, create_engine, select, text, tuple_
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import sessionmaker

from ledger import Entry, LedgerError, Log
from ledger.checking.finding import Level
from ledger.checking.fsck import fsck
from portal.cases.tables import ProjectedTo
from portal.database import db
from portal.house import House
from portal.projection import Projection
from portal.streams import order_stream

MOST = 1000  # more differences than anybody reads one by one
BATCH = 500

CHANGED = "differs from the ledger"
MISSING = "is missing, though the ledger has it"
UNKNOWN = "is there, though the ledger does not have it"


@dataclass(frozen=True)
class Difference:
    """One thing that is not as the ledger says; `key` and `column` are empty for the ledger."""

    table: str
    key: str
    column: str
    what: str

    def __str__(self) -> str:
        place = " ".join(filter(None, (self.table, self.key, self.column)))
        return f"{place}: {self.what}"


def compare(house: House) -> list[Difference]:
    """Everything that differs, at most MOST; empty when ledger and rows are sound and one.

    Costs a read of every object and a full projection; memory does not grow with the rows.
    """
    return list(islice(_differences(house), MOST))


def _differences(house: House) -> Iterator[Difference]:
    yield from _ledger_differences(house)
    try:
        yield from _row_differences(house)
    except LedgerError as error:
        yield Difference("ledger", "", "", str(error))


def _ledger_differences(house: House) -> Iterator[Difference]:
    for finding in fsck(house.store, house.log.verifier.vkey):
        if finding.level is Level.BROKEN:
            yield Difference("ledger", "", "", finding.text)


def _row_differences(house: House) -> Iterator[Difference]:
    _catch_up(house.projection)
    with _snapshot(house) as live, _afresh(house, _size(live)) as again:
        for table in projected_tables():
            yield from compare_rows(table, again, live)


def _catch_up(projection: Projection) -> None:
    try:
        projection.catch_up()
    except SQLAlchemyError:
        return  # rows that stand in the way of the next ones; the comparison names them


# What makes all reads of a connection see one moment.
ONE_MOMENT = {"sqlite": "BEGIN", "postgresql": "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"}


@contextmanager
def _snapshot(house: House) -> Iterator[Connection]:
    with house.sessions() as session:
        connection = session.connection()
        connection.execute(text(ONE_MOMENT[connection.dialect.name]))
        yield connection


def _size(connection: Connection) -> int:
    return connection.scalar(select(ProjectedTo.size)) or 0


@dataclass(frozen=True)
class Until:
    """A log that ends earlier: what a projection needs of one, and no more."""

    log: Log
    size: int

    def catch_up(self) -> int:
        return min(self.size, self.log.catch_up())

    def entries(self, start: int, stop: int) -> Iterator[Entry]:
        return self.log.entries(start, stop)


@contextmanager
def _afresh(house: House, size: int) -> Iterator[Connection]:
    """The rows of the first `size` entries in a database of their own, gone at the end."""
    with tempfile.TemporaryDirectory(dir=house.config.folder, prefix="checking-") as folder:
        engine = create_engine(f"sqlite:///{Path(folder) / 'rows.sqlite'}")
        try:
            # All tables: what follows the projection without being dropped by a rebuild, such as
            # reservations and the journal, is written on the way too.
            db.metadata.create_all(engine)
            _project(house, size, sessionmaker(engine))
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()


def _project(house: House, size: int, sessions: sessionmaker[Any]) -> None:
    live = house.projection
    until: Any = Until(house.log, size)
    replace(live, log=until, sessions=sessions, effects=()).catch_up()


def projected_tables() -> list[Table]:
    """Every table that can be dropped and replayed."""
    return [table for table in db.metadata.sorted_tables if table.info.get("projected")]


def compare_rows(table: Table, again: Connection, live: Connection) -> Iterator[Difference]:
    """First every row that must be there, then every row that must not."""
    for rows in _batches(again, select(table)):
        found = _by_key(table, live, rows)
        for row in rows:
            yield from _compare(table, row, found.get(_key(table, row)))
    for rows in _batches(live, select(*table.primary_key)):
        known = _by_key(table, again, rows)
        for row in rows:
            if _key(table, row) not in known:
                yield Difference(table.name, _spoken(table, row), "", UNKNOWN)


def _batches(connection: Connection, query: Select[Any]) -> Iterator[Sequence[Row[Any]]]:
    result = connection.execute(query.execution_options(yield_per=BATCH))
    yield from result.partitions()


def _by_key(
    table: Table, connection: Connection, rows: Sequence[Row[Any]]
) -> Mapping[tuple[object, ...], Row[Any]]:
    """The rows with the same keys. Looked up, not merged: databases sort texts differently."""
    keys = [_key(table, row) for row in rows]
    query = select(table).where(tuple_(*table.primary_key).in_(keys))
    return {_key(table, row): row for row in connection.execute(query)}


def _compare(table: Table, row: Row[Any], found: Row[Any] | None) -> Iterator[Difference]:
    key = _spoken(table, row)
    if found is None:
        yield Difference(table.name, key, "", MISSING)
        return
    for column in table.columns:
        if row._mapping[column] != found._mapping[column]:
            yield Difference(table.name, key, column.name, CHANGED)


def _key(table: Table, row: Row[Any]) -> tuple[object, ...]:
    return tuple(row._mapping[column] for column in table.primary_key)


# An order's number leads to a person; its stream's name does not.
SPOKEN: Mapping[str, Callable[..., str]] = {"order_snapshot": order_stream}


def _spoken(table: Table, row: Row[Any]) -> str:
    key = _key(table, row)
    return SPOKEN[table.name](*key) if table.name in SPOKEN else "/".join(map(str, key))
