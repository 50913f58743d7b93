"""The log in memory: what follows from the commits accepted so far.

Everything enters through `apply`: commits of this process, of others, and those replayed
after a crash. What was published may be taken from entry bundles instead (`restore`), which
is faster than one object per commit; the signed root vouches for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from threading import RLock

from ledger.checkpoint import Checkpoint
from ledger.commit import (
    MAX_HEADER_BYTES,
    Commit,
    CommitHeader,
    Tip,
    commit_key,
    follow,
    parse_commit,
    parse_header,
)
from ledger.entry import Entry, Head, parse_entry
from ledger.errors import NotStored, VerificationError
from ledger.index import Index, Span
from ledger.merkle import CompactRange, leaf_digest
from ledger.pages import Pages
from ledger.store import Store
from ledger.tiles import new_bundles, split_entries
from ledger.tree import Tree


class Replica:
    """Tree, index and tip. Readers may be many; `apply` and `catch_up` need one caller."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = RLock()  # guards tree, index and tip, never held while reading the store
        self._tree = Tree()
        self._index = Index()
        self._tip = Tip()
        self._pages = Pages(store)

    @property
    def tip(self) -> Tip:
        return self._tip

    @property
    def size(self) -> int:
        return self._tip.range.size

    def apply(self, commit: Commit) -> None:
        """Accept the next commit; VerificationError, for ever, if it is not acceptable."""
        tip = follow(self._tip, commit)
        first = commit.header.first
        entries = [parse_entry(first + at, raw) for at, raw in enumerate(commit.entries)]
        with self._lock:
            self._add(entries)
            self._index.check_complete()
            self._pages.add(commit)
            self._tip = tip

    def catch_up(self) -> int:
        """Apply the commits others have made; returns the size. One read if there are none."""
        while True:
            try:
                content = self._store.get(commit_key(self._tip.number))
            except NotStored:
                return self.size
            self.apply(parse_commit(content))

    def restore(self, checkpoint: Checkpoint) -> None:
        """Fill an empty replica from the entry bundles of a published size.

        VerificationError or NotStored if they do not add up to the checkpoint; the replica
        is then useless.
        """
        if checkpoint.size == 0:
            return
        for bundle in new_bundles(0, checkpoint.size):
            raw_entries = split_entries(self._store.get(bundle.key))
            first = bundle.first
            self._add([parse_entry(first + at, raw) for at, raw in enumerate(raw_entries)])
        self._index.check_complete()
        size = self._tree.size
        reached = CompactRange(size, self._tree.peaks(size))
        number, header = _commit_of_size(self._store, checkpoint.size)
        if not (reached == header.range and reached.root == header.root == checkpoint.root):
            raise VerificationError(f"bundles, commit and checkpoint of {size} entries differ")
        digest = sha256(self._store.get(commit_key(number))).digest()
        self._tip = Tip(number + 1, digest, reached)
        self._pages.publish(size)

    def published(self, size: int) -> None:
        """Entries below `size` can be read from bundles from now on."""
        self._pages.publish(size)

    def head(self, stream: str) -> Head:
        with self._lock:
            return self._index.head(stream)

    def command(self, digest: bytes) -> Span | None:
        with self._lock:
            return self._index.command(digest)

    def root(self, size: int) -> bytes:
        with self._lock:
            return self._tree.root(size)

    def nodes(self, level: int, start: int, stop: int) -> bytes:
        with self._lock:
            return self._tree.nodes(level, start, stop)

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        with self._lock:
            return self._tree.inclusion(index, size)

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        with self._lock:
            return self._tree.consistency(old, new)

    def raw_entries(self, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
        """Indices and bytes, compared with the leaves of the tree."""
        for index, raw in self._pages.run(start, min(stop, self.size)):
            yield index, self._checked(index, raw)

    def entries(self, start: int, stop: int) -> Iterator[Entry]:
        """The same, parsed."""
        for index, raw in self.raw_entries(start, stop):
            yield parse_entry(index, raw)

    def stream_entries(self, stream: str) -> tuple[Entry, ...]:
        with self._lock:
            indices = self._index.indices(stream)
        return tuple(self._pick(indices))

    def _pick(self, indices: Iterable[int]) -> Iterator[Entry]:
        for index in indices:
            page = self._pages.at(index)
            raw = page.entries[index - page.first]
            yield parse_entry(index, self._checked(index, raw))

    def _checked(self, index: int, raw: bytes) -> bytes:
        with self._lock:
            if leaf_digest(raw) != self._tree.leaf(index):
                raise VerificationError(f"entry {index} is not what was committed")
        return raw

    def _add(self, entries: list[Entry]) -> None:
        for entry in entries:
            self._index.add(entry)
        for entry in entries:
            self._tree.append(entry.leaf_hash)


def _commit_of_size(store: Store, size: int) -> tuple[int, CommitHeader]:
    """The commit after which the log had `size` entries; about 2*log2(commits) reads."""
    low, high = 0, 1
    while (header := _header(store, high - 1)) and header.range.size < size:
        low, high = high, high * 2
    while low < high:
        middle = (low + high) // 2
        header = _header(store, middle)
        if header is not None and header.range.size == size:
            return middle, header
        if header is not None and header.range.size < size:
            low = middle + 1
        else:
            high = middle
    raise VerificationError(f"no commit ends at the published size {size}")


def _header(store: Store, number: int) -> CommitHeader | None:
    try:
        return parse_header(store.read(commit_key(number), 0, MAX_HEADER_BYTES))
    except NotStored:
        return None
