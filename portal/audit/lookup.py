"""One entry of the log by its number, for anybody: that it is there, and its digest."""

from __future__ import annotations

from dataclasses import dataclass

from ledger import Log


@dataclass(frozen=True)
class Kept:
    """`same` compares with the digest that somebody kept; None when none was given."""

    index: int
    digest: str
    at: str
    same: bool | None


def look_up(log: Log, index: int, digest: str) -> Kept | None:
    """The entry, or None when the log does not have so many."""
    if index >= log.size and index >= log.catch_up():
        return None
    entry = next(log.entries(index, index + 1))
    found = entry.leaf_hash.hex()
    return Kept(index, found, entry.at, digest.lower() == found if digest else None)
