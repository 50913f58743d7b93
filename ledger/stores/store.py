"""What the ledger asks of the place where its objects lie. folder.py and s3.py give it.

A key that is created never changes; only `checkpoint` is replaced, and only what may be
destroyed (data keys, probes, what can be derived) is ever deleted.

Threats: a store that takes a condition and ignores it (probe.py asks before the first
commit), one that was written to behind the ledger's back (`irregular`), an answer that is
lost (every method may be repeated), a power failure (what was acknowledged is there).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

from ledger.stores.verdict import Verdict

# A path that every file system and every S3 spells the same, and that cannot climb out.
_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*", re.ASCII)
_LONGEST_KEY = 500


@dataclass(frozen=True)
class Irregular:
    """A key that was written more than once, or deleted, in a store that remembers it.

    `versions` counts the contents it had; `hidden`: the newest thing said about it is that
    it is deleted, so that reading it finds nothing although the content is still there.
    """

    key: str
    versions: int
    hidden: bool


class Store(Protocol):
    """Objects under keys. Safe for many threads and processes at once.

    Every method may raise StoreUnavailable; a malformed key is a ValueError.
    """

    verdict: Verdict | None  # what probing it showed at opening; None if it was not probed

    def create(self, key: str, content: bytes, *, keep: bool = False) -> bool:
        """Store `content` under a new key, durably, before returning.

        True: the key holds exactly these bytes. False: it holds others, which stay.
        Exclusive: of any number of writers with different bytes, one gets True. Repeating
        is harmless, so an answer that was lost is asked for again. `keep` locks the object
        against deletion where the store can do that; never for what must be erasable.
        """

    def create_all(self, objects: Iterable[tuple[str, bytes]], *, keep: bool = False) -> list[str]:
        """`create` each object, several at once; the keys that hold other bytes.

        All are durable when it returns. If it fails, any of them may have been created. Takes
        the objects as they come and holds no more than some dozens of them in memory.
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

        False, and nothing changed, if the key holds anything else. For pointers only, which
        never return to a content that they once had.
        """

    def keys(self, prefix: str, after: str = "") -> Iterator[str]:
        """Every key that starts with `prefix`, once.

        In a folder without folders they come in ASCII order, and `after` leaves out those
        up to and including it. Across folders stores differ in what comes first.
        """

    def irregular(self, prefix: str) -> Iterator[Irregular]:
        """Keys that start with `prefix` and were overwritten or deleted; none in most stores.

        Only a store that keeps versions remembers. There, locking an object does not keep
        others from writing a newer version over it: this is how it shows.
        """

    def delete(self, key: str) -> None:
        """Remove an object if it is there, with every version of it that the store keeps."""


def check_key(key: str) -> str:
    """The key itself, or ValueError if it could mean another place or not be stored."""
    if len(key) > _LONGEST_KEY or not _KEY.fullmatch(key):
        raise ValueError(f"not a key of the store: {key[:100]!r}")
    return key


def in_windows(
    objects: Iterable[tuple[str, bytes]], count: int
) -> Iterator[list[tuple[str, bytes]]]:
    """The objects in lists of at most `count`, taken only when they are asked for."""
    source = iter(objects)
    while window := list(islice(source, count)):
        yield window
