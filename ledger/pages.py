"""Reading entries by index: from the entry bundles once published, from the commits before.

What the store returns is compared with the leaf hashes that the log already accepted, so a
store that changes an object is found out at the moment of reading. The last few megabytes
read or written stay in memory.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock

from ledger.commit import Commit, commit_key, parse_commit
from ledger.errors import NotStored, VerificationError
from ledger.stores.store import Store
from ledger.tiles import WIDTH, bundle_of, split_entries

# Enough for some hundred recent cases; a page is 256 entries or one commit.
MAX_CACHED_BYTES = 32 << 20


@dataclass(frozen=True)
class Page:
    """Consecutive raw entries that lie in one object."""

    first: int
    entries: tuple[bytes, ...]

    @property
    def stop(self) -> int:
        return self.first + len(self.entries)


class Pages:
    """Finds and caches pages. Safe for threads; knows the commits after `published`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._firsts: list[int] = []  # first index of each commit in `_numbers`
        self._numbers: list[int] = []
        self._published = 0
        self._cached: OrderedDict[str, Page] = OrderedDict()
        self._cached_bytes = 0

    def publish(self, size: int) -> None:
        """Entries below `size` now lie in bundles; their commits need no longer be known."""
        with self._lock:
            self._published = max(self._published, size)
            # The last of them stays: it costs nothing and may reach further.
            gone = max(0, bisect_right(self._firsts, self._published - 1) - 1)
            del self._firsts[:gone], self._numbers[:gone]

    def expect(self, number: int, first: int) -> None:
        """Remember where the entries of the next commit are."""
        with self._lock:
            self._firsts.append(first)
            self._numbers.append(number)

    def add(self, commit: Commit) -> None:
        """The same, and keep them at hand."""
        self.expect(commit.header.number, commit.header.first)
        self._keep(commit.key, Page(commit.header.first, commit.entries))

    def at(self, index: int) -> Page:
        """The page that holds an entry; the caller knows that the entry exists."""
        with self._lock:
            key, is_commit = self._locate(index)
            page = self._cached.get(key)
            if page is not None:
                self._cached.move_to_end(key)
                return page
        page = self._fetch(key, is_commit, index)
        self._keep(key, page)
        return page

    def run(self, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
        """Raw entries with their indices, one object read at a time."""
        while start < stop:
            page = self.at(start)
            until = min(stop, page.stop)
            yield from zip(
                range(start, until),
                page.entries[start - page.first : until - page.first],
                strict=True,
            )
            start = until

    def _locate(self, index: int) -> tuple[str, bool]:
        if index < self._published:
            return bundle_of(index, self._published).key, False
        return commit_key(self._numbers[bisect_right(self._firsts, index) - 1]), True

    def _fetch(self, key: str, is_commit: bool, index: int) -> Page:
        if is_commit:
            commit = parse_commit(self._store.get(key))
            page = Page(commit.header.first, commit.entries)
        else:
            page = Page(index - index % WIDTH, split_entries(self._bundle(key, index)))
        if not page.first <= index < page.stop:
            raise VerificationError(f"{key} does not hold entry {index}")
        return page

    def _bundle(self, key: str, index: int) -> bytes:
        try:
            return self._store.get(key)
        except NotStored:  # a partial bundle may go once the full one is there
            return self._store.get(bundle_of(index, self._published).full.key)

    def _keep(self, key: str, page: Page) -> None:
        with self._lock:
            self._drop(key)
            self._cached[key] = page
            self._cached_bytes += _weight(page)
            while self._cached_bytes > MAX_CACHED_BYTES and len(self._cached) > 1:
                self._drop(next(iter(self._cached)))

    def _drop(self, key: str) -> None:
        page = self._cached.pop(key, None)
        if page is not None:
            self._cached_bytes -= _weight(page)


def _weight(page: Page) -> int:
    return sum(map(len, page.entries))
