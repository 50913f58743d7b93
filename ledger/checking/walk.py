"""Going through all commits of a store in order, as fast as two processors allow.

While this process follows the streams of one commit, another examines the next. Small
commits are examined here: sending them would take longer.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from ledger.chains import Chains
from ledger.checking.examine import Examined, examine, examine_given, take_found
from ledger.checking.unique import Unique
from ledger.commit import CommitHeader, Tip, commit_key, parse_commit, parse_header
from ledger.entry import parse_entry
from ledger.errors import NotStored, VerificationError
from ledger.map import StreamMap
from ledger.mapproof import MAP_STREAM, parse_map_root
from ledger.places import Places
from ledger.stores.store import Store
from ledger.table import Numbers, Table
from ledger.tree import Tree

_MAP_LINE = MAP_STREAM.encode() + b" "
# Worth another process, and so many of them are under way at once.
_LARGE_BYTES = 1 << 18
_AHEAD = 3
_SLOTS = 2 * _AHEAD


@dataclass(frozen=True)
class Step:
    """One commit that follows from those before it."""

    content: bytes
    examined: Examined


class Walk:
    """What the commits add up to; everything is as of the last step."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        for name in ("commands", "local", "passing"):
            (folder / name).mkdir()
        self._passing = folder / "passing"
        local = folder / "local"
        self.tree = Tree(local / "nodes")
        self.tip = Tip()
        self.ends = Numbers(local / "ends")  # the size of the log after each commit
        self._streams = Table(local / "streams")
        self._links = Numbers(local / "links")
        self._chains = Chains(self._streams, self._links, self.tree.leaf)
        self._map = StreamMap(local / "map.sqlite")
        self._commands = Unique(folder / "commands")

    def steps(self) -> Iterator[Step]:
        """Each commit; VerificationError at the first that does not follow."""
        for content, wait in self._ahead():
            try:
                examined = wait()
                self._take(content, examined)
            except VerificationError as error:
                raise VerificationError(_at(commit_key(self.tip.number), error)) from None
            yield Step(content, examined)
        self._chains.check_whole()

    def repeated_commands(self) -> Iterator[bytes]:
        """Digests of idempotency keys under which more than one command was recorded."""
        return self._commands.repeated()

    def is_end(self, size: int) -> bool:
        """Whether a commit ended at this size."""
        return size == 0 or self.ends.find(size)

    def entries(self, start: int, stop: int) -> Iterator[bytes]:
        """Entries by index, read again."""
        number = bisect_right(self.ends, start)
        while start < stop:
            commit = parse_commit(self._store.get(commit_key(number)))
            first, number = commit.header.first, number + 1
            yield from commit.entries[start - first : stop - first]
            start = commit.header.range.size

    def close(self) -> None:
        for each in (self.tree, self.ends, self._streams, self._links, self._map):
            each.close()

    def _take(self, content: bytes, examined: Examined) -> None:
        header, lines = examined.header, examined.lines
        if header.previous != self.tip.digest:
            raise VerificationError("names another previous commit than is stored")
        if any(line.startswith(_MAP_LINE) for line in lines):
            self._check_map(content, lines)
        spans = self._chains.follow(lines, examined.leaves)
        self._chains.check_whole()
        self._commands.add(span.command for span in spans)
        self.tree.add(examined.growth)
        self.ends.extend([header.range.size])
        self.tip = examined.tip

    def _check_map(self, content: bytes, lines: list[bytes]) -> None:
        self._map.update(self._chains.unmapped())
        entry = parse_entry(self.tip.range.size, parse_commit(content).entries[0])
        if len(lines) != 1 or parse_map_root(entry.payload) != self._map.root:
            raise VerificationError("its map is not that of the entries before")

    def _ahead(self) -> Iterator[tuple[bytes, Callable[[], Examined]]]:
        """Contents in order, each with a way to wait for what was found in it."""
        waiting: deque[tuple[bytes, Callable[[], Examined]]] = deque()
        with ExitStack() as stack:
            pool: Executor | None = None
            for content, before in self._contents():
                if len(content) >= _LARGE_BYTES and pool is None:
                    # Not forked: the process that asks may have threads.
                    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
                    stack.enter_context(pool)
                elsewhere = pool if len(content) >= _LARGE_BYTES else None
                waiting.append((content, _Examination(content, before, elsewhere, self._passing)))
                if len(waiting) > _AHEAD:
                    yield waiting.popleft()
            yield from waiting

    def _contents(self) -> Iterator[tuple[bytes, Tip]]:
        """Each commit's bytes, and where it says it goes on from."""
        number, end = 0, Tip().range
        while (content := _stored(self._store, commit_key(number))) is not None:
            header = _header(content)
            yield content, Tip(number, header.previous if header else bytes(32), end)
            if header is None:
                return
            number, end = number + 1, header.range


class _Examination:
    """The examination of one commit, under way in another process or done when asked for."""

    def __init__(self, content: bytes, before: Tip, pool: Executor | None, folder: Path) -> None:
        self._content = content
        self._before = before
        self._found = folder / f"found {before.number % _SLOTS}"
        self._length: Future[int] | None = None
        if pool is not None:
            given = folder / f"given {before.number % _SLOTS}"
            Places(given).write(content, 0)
            given_length = len(content)
            self._length = pool.submit(examine_given, given, given_length, before, self._found)

    def __call__(self) -> Examined:
        if self._length is not None:
            with suppress(BrokenProcessPool):  # it was killed: then here
                return take_found(self._found, self._length.result())
        return examine(self._content, self._before)


def _header(content: bytes) -> CommitHeader | None:
    try:
        return parse_header(content)
    except VerificationError:
        return None  # whoever examines the whole will say why


def _stored(store: Store, key: str) -> bytes | None:
    try:
        return store.get(key)
    except NotStored:
        return None


def _at(key: str, error: Exception) -> str:
    text = str(error)
    return text if text.startswith(key) else f"{key}: {text}"
