"""A day's rows of both sides in a temporary SQLite file: a million of them in flat memory.

Both sides are streamed in and sorted by the file's own indexes, so that neither the order of the
bill nor the collation of the portal's database matters.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from portal.providers.values import BillRow
from portal.reconciling.comparing import PAID, Ours

BATCH = 5000
CACHE_KIB = 16384
MOST_TEXT = 2000

_TABLES = """
CREATE TABLE bill (line INTEGER, number TEXT, ref TEXT, fen INTEGER, cash INTEGER, state TEXT,
                   at TEXT, raw TEXT);
CREATE TABLE ours (number TEXT PRIMARY KEY, refund_no TEXT, case_no TEXT, fen INTEGER,
                   reversed INTEGER) WITHOUT ROWID;
CREATE TABLE journal (number TEXT, fen INTEGER);
CREATE TABLE payout (number TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE elsewhere (number TEXT PRIMARY KEY) WITHOUT ROWID;
"""
_ADD_BILL = "INSERT INTO bill VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_ADD_OURS = "INSERT OR IGNORE INTO ours VALUES (?, ?, ?, ?, ?)"
_ADD_JOURNAL = "INSERT INTO journal VALUES (?, ?)"
_ADD_PAYOUT = "INSERT OR IGNORE INTO payout VALUES (?)"
_ADD_ELSEWHERE = "INSERT OR IGNORE INTO elsewhere VALUES (?)"
_AGREED = """
SELECT count(*), ifnull(sum(b.fen), 0) FROM bill b JOIN ours o ON o.number = b.number
 WHERE b.state = ? AND b.fen = o.fen
   AND NOT EXISTS (SELECT 1 FROM bill c WHERE c.number = b.number AND c.line < b.line)
   AND NOT EXISTS (SELECT 1 FROM elsewhere e WHERE e.number = b.number)
"""
_DOUBTFUL = """
SELECT * FROM (
SELECT b.line, b.number, b.ref, b.fen, b.cash, b.state, b.at, b.raw,
       o.refund_no, o.case_no, o.fen AS our_fen, o.reversed,
       EXISTS (SELECT 1 FROM bill c WHERE c.number = b.number AND c.line < b.line)
       OR EXISTS (SELECT 1 FROM elsewhere e WHERE e.number = b.number) AS again
  FROM bill b LEFT JOIN ours o ON o.number = b.number)
 WHERE our_fen IS NULL OR our_fen <> fen OR state <> ? OR again ORDER BY number, line
"""
_UNLISTED = """
SELECT number, refund_no, case_no, fen, reversed FROM ours o
 WHERE NOT EXISTS (SELECT 1 FROM bill b WHERE b.number = o.number)
   AND NOT EXISTS (SELECT 1 FROM elsewhere e WHERE e.number = o.number) ORDER BY number
"""
_ELSEWHERE = """
SELECT ifnull(sum(fen), 0) FROM ours o WHERE number IN (SELECT number FROM elsewhere)
   AND NOT EXISTS (SELECT 1 FROM bill b WHERE b.number = o.number)
"""
_UNEQUAL = """
SELECT o.number, o.refund_no, o.case_no, o.fen, ifnull(sum(j.fen), 0) AS posted
  FROM ours o LEFT JOIN journal j ON j.number = o.number
 GROUP BY o.number HAVING posted <> o.fen
UNION ALL
SELECT j.number, '', '', 0, sum(j.fen) FROM journal j
 WHERE NOT EXISTS (SELECT 1 FROM ours o WHERE o.number = j.number) GROUP BY j.number
"""

_T = TypeVar("_T")
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Unequal:
    """A number whose ledger and journal sums differ."""

    number: str
    refund_no: str
    case_no: str
    ledger_fen: int
    journal_fen: int


@dataclass(frozen=True)
class Spool:
    """`day` is the one that is held together, as a text."""

    connection: sqlite3.Connection
    day: str

    def add_bill(self, rows: Iterable[BillRow], progress: Progress) -> None:
        """Reads the bill to its end; whatever its rows raise comes through."""
        count = 0
        for batch in in_batches(rows):
            self._insert(_ADD_BILL, map(_of_bill, batch))
            count += len(batch)
            progress(count)
        self.connection.execute("CREATE INDEX by_number ON bill (number, line)")

    def add_ours(self, rows: Iterable[tuple[str, str, str, int, bool]]) -> None:
        """(number, refund_no, case_no, fen, reversed) of what our ledger has as paid."""
        self._insert(_ADD_OURS, rows)

    def add_elsewhere(self, numbers: Iterable[tuple[str]]) -> None:
        """Ours that the bill of a neighbouring day lists: this one need not have them."""
        self._insert(_ADD_ELSEWHERE, numbers)

    def add_journal(self, rows: Iterable[tuple[str, int]], payouts: Iterable[tuple[str]]) -> None:
        """(number, fen) of what our journal has posted, without payouts, which no bill lists."""
        self._insert(_ADD_JOURNAL, rows)
        self._insert(_ADD_PAYOUT, payouts)
        self.connection.execute("DELETE FROM journal WHERE number IN (SELECT number FROM payout)")
        self.connection.execute("CREATE INDEX by_posted ON journal (number)")

    def agreed(self) -> tuple[int, int]:
        """How many rows are plainly as we have them, and how much they come to."""
        count, fen = self.connection.execute(_AGREED, (PAID,)).fetchone()
        return int(count), int(fen)

    def doubtful(self) -> Iterator[tuple[BillRow, Ours | None, bool]]:
        """The other rows of the bill, each with ours of the same number and day, and whether an
        earlier row, or a neighbouring day's bill, has the number too."""
        for *row, refund_no, case_no, fen, was_reversed, again in self.connection.execute(
            _DOUBTFUL, (PAID,)
        ):
            line, number, ref, amount, cash, state, at, raw = row
            of_bill = BillRow(line, number, ref, amount, cash, state, at, raw)
            yield of_bill, self._ours(refund_no, case_no, fen, was_reversed), bool(again)

    def unlisted(self) -> Iterator[tuple[str, Ours]]:
        """Ours that the bill does not have."""
        for number, refund_no, case_no, fen, was_reversed in self.connection.execute(_UNLISTED):
            ours = self._ours(refund_no, case_no, fen, was_reversed)
            assert ours is not None, "a row of ours has its refund_no"
            yield number, ours

    def unequal(self) -> Iterator[Unequal]:
        for found in self.connection.execute(_UNEQUAL):
            yield Unequal(*found)

    def rows(self) -> int:
        """Of the bill."""
        return int(self.connection.execute("SELECT count(*) FROM bill").fetchone()[0])

    def ledger_fen(self) -> int:
        return self._sum("SELECT ifnull(sum(fen), 0) FROM ours")

    def journal_fen(self) -> int:
        return self._sum("SELECT ifnull(sum(fen), 0) FROM journal")

    def elsewhere_fen(self) -> int:
        """Of this day by our record, and listed in a neighbouring bill."""
        return self._sum(_ELSEWHERE)

    def _sum(self, asked: str) -> int:
        return int(self.connection.execute(asked).fetchone()[0])

    def _insert(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        for batch in in_batches(rows):
            self.connection.executemany(statement, batch)

    def _ours(
        self, refund_no: str | None, case_no: str, fen: int, was_reversed: int
    ) -> Ours | None:
        if refund_no is None:
            return None
        return Ours(refund_no, case_no, fen, PAID, self.day, bool(was_reversed))


@contextmanager
def open_spool(folder: Path, day: str) -> Iterator[Spool]:
    """An empty spool below `folder`; nothing of it is left afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory(dir=folder, prefix="bill-") as place,
        closing(sqlite3.connect(Path(place) / "spool.sqlite")) as connection,
    ):
        # Thrown away with the folder: nothing has to survive a crash.
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
        connection.execute("PRAGMA temp_store=FILE")
        connection.executescript(_TABLES)
        yield Spool(connection, day)


def in_batches(rows: Iterable[_T], size: int = BATCH) -> Iterator[list[_T]]:
    """Lists of at most `size`, made as they are asked for."""
    left = iter(rows)
    return iter(lambda: list(islice(left, size)), [])


def _of_bill(row: BillRow) -> tuple[object, ...]:
    return (
        row.line,
        row.number[:128],
        row.provider_ref[:128],
        row.amount_fen,
        row.cash_fen,
        row.state[:20],
        row.at[:30],
        row.raw[:MOST_TEXT],
    )
