"""The log as one process knows it: what follows from the commits accepted so far.

Everything enters through `apply` (commits of others, and those replayed after a crash) or
`accept` (our own, which were made to fit). What was published may be taken from entry
bundles instead (`restore`), which is faster than one object per commit; the signed root
vouches for them. What is remembered lies in local files, see local.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from threading import RLock
from typing import NamedTuple

from ledger.chains import Chains, Span
from ledger.checkpoint import Checkpoint
from ledger.commit import Commit, Tip, commit_key, follow, parse_commit, parse_header
from ledger.commits import commit_of_size, commits_back
from ledger.entry import Entry, Head, lines_of, parse_entry
from ledger.errors import LedgerError, NotStored, StoreUnavailable, VerificationError
from ledger.local import Local, Position, using_files
from ledger.map import StreamMap
from ledger.mapproof import MAP_STREAM, MapProof, parse_map_root
from ledger.merkle import Growth, grow, leaf_digest
from ledger.pages import Pages
from ledger.stores.store import Store
from ledger.table import Numbers, Table
from ledger.tiles import new_bundles, split_entries
from ledger.tree import Tree

_MAP_ENTRY = b"mingan/entry/v2\n" + MAP_STREAM.encode() + b" "


class Placed(NamedTuple):
    """A command of this process: where it went, and where that leaves its stream."""

    span: Span
    stream: str
    head: Head


class Replica:
    """Tree, streams, commands, map and tip. Readers may be many; what changes it, one."""

    def __init__(self, store: Store, local: Local) -> None:
        self._store = store
        self._local = local
        self._lock = RLock()  # guards everything below, never held while reading the store
        self._pages = Pages(store)
        self._ended: LedgerError | None = None  # why nothing can be changed any more
        self._damaged = False  # a change broke off: the local files fit no log
        self._closed = False
        self._load()

    def _load(self) -> None:
        try:
            with using_files():
                self._open()
        except StoreUnavailable:  # damaged since the last time
            with using_files():
                self._local.begin_anew()
                self._open()

    def _open(self) -> None:
        folder, position = self._local.folder, self._local.position
        self._tree = Tree(folder / "nodes", position.size)
        self._streams = Table(folder / "streams")
        self._links = Numbers(folder / "links", position.size)
        # The map never knows of the entry that states it, and that was the last to be kept.
        unmapped = [MAP_STREAM] if position.size else []
        self._chains = Chains(self._streams, self._links, self._tree.leaf, unmapped)
        self._commands = Table(folder / "commands")
        self._map = StreamMap(folder / "map.sqlite")
        self._tip = Tip(position.number, position.digest, self._tree.range)
        if position.size > 1 and (not self._streams or not self._commands or self._map.is_empty):
            raise OSError("a local file is empty")  # put there in place of one that was lost
        self._links.check_whole()

    @property
    def tip(self) -> Tip:
        return self._tip

    @property
    def size(self) -> int:
        return self._tip.range.size

    def apply(self, commit: Commit) -> None:
        """Accept the next commit; VerificationError, for ever, if it is not acceptable."""
        leaves = list(map(leaf_digest, commit.entries))
        growth = follow(self._tip, commit, leaves)
        with self._changing():
            if any(raw.startswith(_MAP_ENTRY) for raw in commit.entries):
                self._check_map(commit)
            self._take(commit.entries, leaves, growth)
            self._chains.check_whole()
            self._conclude(commit)

    def accept(self, commit: Commit, growth: Growth, placed: Sequence[Placed]) -> None:
        """Take up a commit of this process."""
        with self._changing():
            self._chains.accept((stream, span.parts, head) for span, stream, head in placed)
            for command, _, _ in placed:
                self._commands.put(*command)
            self._tree.add(growth)
            self._conclude(commit)

    def catch_up(self, heard: Callable[[Commit], None] = lambda commit: None) -> int:
        """Apply the commits others have made; returns the size. One read if there are none."""
        while True:
            try:
                content = self._store.get(commit_key(self._tip.number))
            except NotStored:
                return self.size
            commit = parse_commit(content)
            self.apply(commit)
            heard(commit)

    @using_files()
    def restore(self, checkpoint: Checkpoint) -> None:
        """Fill an empty replica from the entry bundles of a published size.

        VerificationError or NotStored if they do not add up to the checkpoint; the replica
        is then useless until `begin_anew`.
        """
        map_root = None
        for bundle in new_bundles(0, checkpoint.size):
            entries = split_entries(self._store.get(bundle.key))
            for part in _parted(entries):
                if part[0].startswith(_MAP_ENTRY):
                    self._map.update(self._chains.unmapped())
                    map_root = parse_map_root(parse_entry(0, part[0]).payload)
                leaves = list(map(leaf_digest, part))
                self._take(part, leaves, grow(self._tree.range, leaves))
        self._chains.check_whole()
        if map_root is not None and self._map.root != map_root:
            raise VerificationError("the map of the streams is another than the log states")
        self._arrive(checkpoint)

    def mend(self) -> None:
        """Call this before any change: it makes local files anew if the last one broke off.

        VerificationError, for ever, once a commit was found that cannot be accepted.
        """
        self._expect_sound()
        if self._damaged:
            self.begin_anew()
            self.catch_up()

    def is_of_store(self) -> bool:
        """Whether the last commit that local files follow from is the one that is stored."""
        try:
            content = self._store.get(commit_key(self._tip.number - 1))
        except NotStored:
            return False
        is_last = sha256(content).digest() == self._tip.digest
        return is_last and parse_header(content).range == self._tip.range

    def resume(self, published: int) -> None:
        """Find the commits after a published size again, from what local files say."""
        self.published(published)
        for header in reversed(list(commits_back(self._store, self._tip.number, published))):
            self._pages.expect(header.number, header.first)

    def begin_anew(self) -> None:
        """Forget everything local."""
        with self._lock, using_files():
            self._release()
            self._local.begin_anew()
            self._pages = Pages(self._store)
            self._load()
            self._damaged = False

    def close(self) -> None:
        """Release the local files, to go on from them the next time."""
        with self._lock, using_files():
            if self._closed:
                return
            self._release()
            if self._damaged:
                self._local.begin_anew()
            self._local.close()
            self._closed, self._ended = True, StoreUnavailable("this log was closed")

    def published(self, size: int) -> None:
        """Entries below `size` can be read from bundles from now on."""
        self._pages.publish(size)

    def head(self, stream: str) -> Head:
        with self._lock:
            self._expect_sound()
            return self._chains.head(stream)

    def heads(self, streams: Iterable[str]) -> dict[str, Head]:
        with self._lock:
            self._expect_sound()
            return {stream: self._chains.head(stream) for stream in streams}

    def command(self, digest: bytes) -> Span | None:
        """Where the entries of a command are."""
        return self.commands([digest])[0]

    def commands(self, digests: Sequence[bytes]) -> list[Span | None]:
        """The same for many."""
        with self._lock:
            self._expect_sound()
            return [self._command(digest) for digest in digests]

    def root(self, size: int) -> bytes:
        with self._lock:
            return self._tree.root(size)

    def nodes(self, height: int, start: int, stop: int) -> bytes:
        with self._lock:
            return self._tree.nodes(height, start, stop)

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        with self._lock:
            return self._tree.inclusion(index, size)

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        with self._lock:
            return self._tree.consistency(old, new)

    def map_root(self) -> bytes | None:
        """The root over all streams as they are; None if the last entry states just that."""
        with self._lock:
            if self._chains.last(MAP_STREAM) == self.size - 1:
                return None
        with self._changing():
            self._map.update(self._chains.unmapped())
            return self._map.root

    @using_files()
    def map_proof(self, stream: str) -> tuple[int, MapProof] | None:
        """The index of the newest map entry, and what it says of a stream; None before one."""
        with self._lock:
            index = self._chains.last(MAP_STREAM)
            return None if index is None else (index, self._map.prove(stream))

    def raw_entries(self, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
        """Indices and bytes, compared with the leaves of the tree."""
        for index, raw in self._pages.run(start, min(stop, self.size)):
            yield index, self._checked(index, raw)

    def entries(self, start: int, stop: int) -> Iterator[Entry]:
        """The same, parsed."""
        for index, raw in self.raw_entries(start, stop):
            yield parse_entry(index, raw)

    def stream_entries(self, stream: str) -> tuple[Entry, ...]:
        with self._changing():
            indices = self._chains.indices(stream)
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

    def _expect_sound(self) -> None:
        if self._ended is not None:
            raise type(self._ended)(str(self._ended))

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._lock:
            try:
                with using_files():
                    yield
            except BaseException as error:
                self._local.distrust()
                self._damaged = True
                if isinstance(error, VerificationError):
                    self._ended = error
                raise

    def _take(self, entries: Sequence[bytes], leaves: Sequence[bytes], growth: Growth) -> None:
        taken = set[bytes]()  # by these very entries: only those before them can be looked up
        for span in self._chains.follow(lines_of(self._tree.size, entries), leaves):
            if span.command in taken or self._command(span.command) is not None:
                raise VerificationError(f"entry {span.first} repeats a command")
            self._commands.put(*span)
            taken.add(span.command)
        self._tree.add(growth)

    def _conclude(self, commit: Commit) -> None:
        self._pages.add(commit)
        self._tip = commit.tip
        self._keep()

    def _command(self, digest: bytes) -> Span | None:
        found = self._commands.get(digest)
        if found is None or found[0] >= self._tree.size:  # left by a process that was killed
            return None
        return Span(digest, *found)

    def _check_map(self, commit: Commit) -> None:
        """A map entry is a commit of its own, so that what it covers is what is before it."""
        self._map.update(self._chains.unmapped())
        stated = parse_map_root(parse_entry(commit.header.first, commit.entries[0]).payload)
        if len(commit.entries) != 1 or stated != self._map.root:
            raise VerificationError(f"{commit.key}: its map is not that of the entries before")

    def _arrive(self, checkpoint: Checkpoint) -> None:
        header = commit_of_size(self._store, checkpoint.size)
        if not (self._tree.range == header.range and header.root == checkpoint.root):
            raise VerificationError(f"bundles and checkpoint of {checkpoint.size} entries differ")
        digest = sha256(self._store.get(commit_key(header.number))).digest()
        self._tip = Tip(header.number + 1, digest, self._tree.range)
        self.published(checkpoint.size)
        self._keep()

    def _keep(self) -> None:
        """Right after a map entry nothing is under way that local files would not show."""
        if self._chains.last(MAP_STREAM) != self.size - 1:
            return
        self._chains.flush()
        self._commands.flush()
        self._local.keep(Position(self._tip.number, self._tip.digest, self.size))

    def _release(self) -> None:
        for each in (self._tree, self._streams, self._links, self._commands, self._map):
            each.close()


def _parted(entries: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Entries in runs; each that states a map begins one."""
    start = 0
    for at, raw in enumerate(entries):
        if at > start and raw.startswith(_MAP_ENTRY):
            yield entries[start:at]
            start = at
    if entries:
        yield entries[start:]
