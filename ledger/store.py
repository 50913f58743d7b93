"""What the ledger asks of the place where its objects lie. folder.py and s3.py give it.

A key that is created never changes; only `checkpoint` is replaced, and only what may be
destroyed (data keys, probes) is ever deleted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

# A path that every file system and every S3 spells the same, and that cannot climb out.
_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*", re.ASCII)
_LONGEST_KEY = 500


class Store(Protocol):
    """Objects under keys. Safe for many threads and processes at once.

    Every method may raise StoreUnavailable; a malformed key is a ValueError.
    """

    def create(self, key: str, content: bytes) -> bool:
        """Store `content` under a new key, durably, before returning.

        True: the key holds exactly these bytes. False: it holds others, which stay.
        Exclusive: of any number of writers with different bytes, one gets True. Repeating
        is harmless, so an answer that was lost is asked for again.
        """

    def get(self, key: str) -> bytes:
        """The whole object; NotStored if there is none. Sees every finished create."""

    def read(self, key: str, start: int, length: int) -> bytes:
        """Up to `length` bytes from byte `start`; fewer only at the end. NotStored."""

    def size(self, key: str) -> int:
        """The length of an object in bytes; NotStored if there is none."""

    def add_file(self, key: str, path: Path) -> None:
        """Store a file under a key made from its digest; durable, streamed, idempotent.

        StoreLies if the key already holds something of another length.
        """

    def replace(self, key: str, content: bytes, previous: bytes | None) -> bool:
        """Replace `previous` (None: nothing there yet) by `content`, atomically and durably.

        False, and nothing changed, if the key holds anything else. For pointers only.
        """

    def keys(self, prefix: str, after: str = "") -> Iterator[str]:
        """Every key that starts with `prefix`, once.

        In a folder without folders they come in ASCII order, and `after` leaves out those
        up to and including it. Across folders stores differ in what comes first.
        """

    def delete(self, key: str) -> None:
        """Remove an object if it is there."""


def check_key(key: str) -> str:
    """The key itself, or ValueError if it could mean another place or not be stored."""
    if len(key) > _LONGEST_KEY or not _KEY.fullmatch(key):
        raise ValueError(f"not a key of the store: {key[:100]!r}")
    return key
