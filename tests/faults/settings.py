"""The circumstances of a trial: which database, how many workers, what the provider does wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

# Faults that heal by themselves: in the end everything is paid, once. After each of these the
# engine must not know more than it was told, and must not believe less.
HEALING = (
    "",
    "APPLIED_THEN_DROPPED",
    "DROP_BEFORE",
    "ERROR_BEFORE",
    "ERROR_AFTER",
    "GARBAGE",
    "WRONG_SIGNATURE",
    "BUSY",
    "PROCESSING",
    "NOT_ENOUGH",
    "CLOSED",
)
# What the provider takes to change its mind, where a fault has such a time.
SECONDS = {"PROCESSING": 90.0, "CLOSED": 300.0}
WORKERS = (1, 4)


@dataclass(frozen=True)
class Setting:
    """`times`: how many requests the fault spoils."""

    database: str  # sqlite or postgresql
    workers: int = 1
    idempotent: bool = True
    fault: str = ""
    times: int = 2

    def __str__(self) -> str:
        manner = "idempotent" if self.idempotent else "forgetful"
        return f"{self.database} x{self.workers} {manner} {self.fault or 'no fault'}"


def matrix(databases: tuple[str, ...]) -> Iterator[Setting]:
    """Every combination; neighbours differ in their fault, so that a short run sees all of them."""
    kinds = product(databases, WORKERS, (True, False), HEALING)
    yield from (Setting(*kind) for kind in kinds)
