"""One entry of the log by its number, for anybody: that it is there, and its digest."""

from __future__ import annotations

from dataclasses import dataclass

from ledger import PLAIN, Log, read_content


@dataclass(frozen=True)
class Kept:
    """`same` compares with the digest that somebody kept; None when none was given. `at` is None
    for what the ledger keeps about itself."""

    index: int
    digest: str
    at: str | None
    same: bool | None


def look_up(log: Log, index: int, digest: str) -> Kept | None:
    """The entry, or None when the log does not have so many."""
    if index >= log.size and index >= log.catch_up():
        return None
    entry = next(log.entries(index, index + 1))
    found = entry.leaf_hash.hex()
    at = read_content(entry).at if entry.kid != PLAIN else None
    return Kept(index, found, at, digest.lower() == found if digest else None)
