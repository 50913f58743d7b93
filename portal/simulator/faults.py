"""What goes wrong on demand: each fault is taken from the list by the request that it spoils."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from enum import StrEnum

import httpx


class Kind(StrEnum):
    """The ways to fail. `seconds` of a fault says how long, or when, where that means anything."""

    APPLIED_THEN_DROPPED = "APPLIED_THEN_DROPPED"  # done, and the line is cut before the answer
    DROP_BEFORE = "DROP_BEFORE"  # the line is cut, nothing is done
    ERROR_BEFORE = "ERROR_BEFORE"  # 500, nothing is done
    ERROR_AFTER = "ERROR_AFTER"  # done, and 500
    SLOW = "SLOW"  # arrives `seconds` late, is done then
    GARBAGE = "GARBAGE"  # done; the answer is cut in its middle, signed nevertheless
    WRONG_SIGNATURE = "WRONG_SIGNATURE"  # done; the answer is not signed by us
    BUSY = "BUSY"  # asked too often, nothing is done
    NOT_ENOUGH = "NOT_ENOUGH"  # the paying account is short
    PROCESSING = "PROCESSING"  # accepted, succeeds after `seconds`
    CLOSED = "CLOSED"  # accepted, and closed after `seconds`, of itself after seven days
    ABNORMAL = "ABNORMAL"  # accepted, and after `seconds` the payer's card turns out void
    DBACK_F = "DBACK_F"  # success; after `seconds` the bank sends it to the buyer's balance
    FAILED_AFTER_SUCCESS = "FAILED_AFTER_SUCCESS"  # success, and after `seconds` taken back


SUBMIT, QUERY, ANY = "SUBMIT", "QUERY", "ANY"
RETURN = "RETURN"  # of an advance, out of the shop's account
BEFORE = {Kind.DROP_BEFORE, Kind.ERROR_BEFORE, Kind.BUSY}
DROPS = {Kind.DROP_BEFORE, Kind.APPLIED_THEN_DROPPED}
ERRORS = {Kind.ERROR_BEFORE, Kind.ERROR_AFTER}


class Dropped(httpx.ReadError):
    """The line is cut. In one process this is what httpx would have said."""


@dataclass(frozen=True)
class Fault:
    """One way to fail, for `times` requests; empty fields fit all."""

    provider: str
    kind: Kind
    on_kind: str = SUBMIT
    number: str = ""
    seconds: float | None = None
    times: int = 1

    def after(self, default: float) -> float:
        """Its seconds, where it names any."""
        return default if self.seconds is None else self.seconds


def set_fault(connection: sqlite3.Connection, fault: Fault) -> None:
    connection.execute(
        "INSERT INTO fault (provider, kind, on_kind, number, seconds, times)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (fault.provider, fault.kind, fault.on_kind, fault.number, fault.seconds, fault.times),
    )


def clear_faults(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM fault")


def list_faults(connection: sqlite3.Connection) -> list[Fault]:
    """Those still to come, oldest first."""
    rows = connection.execute("SELECT * FROM fault ORDER BY id")
    return [_fault(row) for row in rows]


def has_fault(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM fault LIMIT 1").fetchone() is not None


def take_fault(
    connection: sqlite3.Connection, provider: str, kind: str, number: str
) -> Fault | None:
    """The oldest fault that fits this request; it is used up once."""
    row = connection.execute(
        "SELECT * FROM fault WHERE provider IN (?, '') AND on_kind IN (?, 'ANY')"
        " AND number IN (?, '') ORDER BY id LIMIT 1",
        (provider, kind, number),
    ).fetchone()
    if row is None:
        return None
    connection.execute("UPDATE fault SET times = times - 1 WHERE id = ?", (row["id"],))
    connection.execute("DELETE FROM fault WHERE times <= 0")
    return _fault(row)


def _fault(row: sqlite3.Row) -> Fault:
    names = ("provider", "on_kind", "number", "seconds", "times")
    return Fault(kind=Kind(row["kind"]), **{name: row[name] for name in names})
