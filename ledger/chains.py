"""Following entries in order: each continues its stream, each command is whole.

This is what a Merkle root cannot say. The same loop serves the writer, who takes up the
commits of others, and the checker (fsck.py), who has millions to read; it is the one place
in the ledger that is written for speed. The head of a stream is therefore kept as the text
with which its next entry must go on: `<stream> <seq> <prev> `.

What crosses to local files: the last entry of each stream, and for each entry the one before
it in its stream, so that a stream is read backwards from its head.
"""

from __future__ import annotations

import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from ledger.entry import EMPTY, MAX_PARTS, Head, is_stream
from ledger.errors import VerificationError
from ledger.table import Numbers, Table

# So many heads are kept in memory; all others wait in the table.
MAX_HEADS = 100_000
_NONE = -1  # no entry: its link is 0
_COMMAND = 44
_COMMANDS = re.compile(rb"(?:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)*")
_ENDS = re.compile(rb" 1/([1-9][0-9]{0,4}) (?:-|[A-Za-z0-9_][A-Za-z0-9._-]{0,127})")


class Span(NamedTuple):
    """Neighbouring entries of the log: the parts of one command."""

    command: bytes
    first: int
    parts: int

    @property
    def indices(self) -> range:
        return range(self.first, self.first + self.parts)


@dataclass(slots=True)
class _Stream:
    """`going_on` is how the line of its next entry begins; `last` the index of the last."""

    length: int
    digest: bytes
    going_on: bytes
    last: int


class Chains:
    """The head of every stream. Not thread-safe: replica.py guards it."""

    def __init__(
        self,
        streams: Table,
        links: Numbers,
        leaf: Callable[[int], bytes],
        unmapped: Iterable[str] = (),
    ) -> None:
        """`leaf` gives the hash of an entry that was followed before, `unmapped` are streams
        that went on before and were not asked for yet."""
        self._table = streams
        self._links = links
        self._leaf = leaf
        self._streams: dict[bytes, _Stream] = {}
        self._changed: dict[bytes, _Stream] = {}
        self._unmapped = {stream.encode("ascii") for stream in unmapped}
        self._singles: set[bytes] = set()  # how entries end that are a command of their own
        self._begun: tuple[list[bytes], list[bytes]] = ([], [])  # names, rests without a span

    @property
    def size(self) -> int:
        """How many entries were followed."""
        return len(self._links)

    def last(self, stream: str) -> int | None:
        """The index of a stream's last entry."""
        found = self._find(stream.encode("ascii"))
        return found.last if found.length else None

    def head(self, stream: str) -> Head:
        """Where a stream ends; EMPTY if it has no entry."""
        found = self._find(stream.encode("ascii"))
        return Head(found.length, found.digest)

    def indices(self, stream: str) -> list[int]:
        """Where in the log the entries of a stream are, in order."""
        found = self._find(stream.encode("ascii"))
        indices, last = [], found.last
        for _ in range(found.length):
            indices.append(last)
            before = self._links[last] - 1
            if not (0 <= before < last or before == _NONE):
                raise OSError("the links of the entries are damaged")
            last = before
        if last != _NONE:
            raise OSError("the links of the entries are damaged")
        return indices[::-1]

    def follow(self, lines: Sequence[bytes], leaves: Sequence[bytes]) -> list[Span]:
        """Take up entries by their lines; the commands that they complete. VerificationError
        if an entry cannot stand where it does, and then the heads are those of no log."""
        names, rests = self._begun
        first = self.size - len(names)
        self._continue(lines, leaves, names, rests)
        spans = self._commands(first, names, rests)
        done = sum(span.parts for span in spans)
        self._begun = (names[done:], rests[done:])
        self._bound()
        return spans

    def check_whole(self) -> None:
        """VerificationError if the last command lacks parts."""
        if self._begun[0]:
            raise VerificationError(f"entry {self.size - 1} is not the last of its command")

    def accept(self, commands: Iterable[tuple[str, int, Head]]) -> None:
        """Take up commands of this process, which were made to continue their streams: for
        each the stream, how many entries, and the head after them."""
        index, links = self.size, []
        for stream, parts, head in commands:
            name = stream.encode("ascii")
            found = self._find(name)
            links.append(found.last + 1)
            links.extend(range(index + 1, index + parts))
            index += parts
            found.length, found.digest, found.last = head.length, head.digest, index - 1
            found.going_on = _going_on(name, *head)
            self._changed[name] = found
        self._links.extend(links)
        self._unmapped.update(self._changed)
        self._bound()

    def unmapped(self) -> list[tuple[str, Head]]:
        """Where the streams end that went on since the last time this was asked."""
        names = [name.decode("ascii") for name in self._unmapped]
        self._unmapped.clear()
        return [(name, self.head(name)) for name in names]

    def flush(self) -> None:
        """Write the heads that changed to the table; forget all if they are many."""
        for name, stream in self._changed.items():
            self._table.put(sha256(name).digest(), stream.last, stream.length)
        self._changed.clear()
        if len(self._streams) > MAX_HEADS:
            self._streams.clear()
        self._table.flush()

    def _continue(
        self,
        lines: Sequence[bytes],
        leaves: Sequence[bytes],
        names: list[bytes],
        rests: list[bytes],
    ) -> None:
        """Add for each entry the name of its stream, and what its line says after its place."""
        index, streams, links = self.size, self._streams, []
        for line, leaf in zip(lines, leaves, strict=True):
            name = line[: line.find(b" ")]
            stream = streams.get(name) or self._find(name)
            if not line.startswith(stream.going_on):
                raise _no_continuation(index, name, stream.length)
            names.append(name)
            rests.append(line[len(stream.going_on) :])
            links.append(stream.last + 1)
            length = stream.length = stream.length + 1
            stream.going_on = b"%b %d %b " % (name, length, b2a_base64(leaf, newline=False))
            stream.digest, stream.last = leaf, index
            index += 1
        self._links.extend(links)
        seen = set(names)
        self._unmapped |= seen
        self._changed.update((name, streams[name]) for name in seen)

    def _commands(self, first: int, names: Sequence[bytes], rests: Sequence[bytes]) -> list[Span]:
        """The whole commands that the entries begin with."""
        if {rest[_COMMAND:] for rest in rests} <= self._singles:
            places = [(first + at, 1) for at in range(len(rests))]
        else:
            places = self._places(first, names, rests)
        shown = [rests[index - first][:_COMMAND] for index, _ in places]
        if not _COMMANDS.fullmatch(b"".join(shown)) or set(map(len, shown)) - {_COMMAND}:
            raise VerificationError(f"a command from entry {first} on is not a digest")
        return [Span(a2b_base64(each), *place) for each, place in zip(shown, places, strict=True)]

    def _places(
        self, first: int, names: Sequence[bytes], rests: Sequence[bytes]
    ) -> list[tuple[int, int]]:
        """For each whole command its first index and its number of parts."""
        at, places = 0, []
        while at < len(rests):
            parts = self._count(first + at, rests[at][_COMMAND:])
            if at + parts > len(rests):
                break
            if parts > 1 and not _is_whole(names, rests, at, parts):
                raise VerificationError(f"entry {first + at} begins a command that breaks off")
            places.append((first + at, parts))
            at += parts
        return places

    def _count(self, index: int, ends: bytes) -> int:
        """How many parts a command has whose first entry ends like this."""
        found = _ENDS.fullmatch(ends)
        if found is None or int(found[1]) > MAX_PARTS:
            raise VerificationError(f"entry {index} does not begin a command")
        if found[1] == b"1" and len(self._singles) < MAX_HEADS:
            self._singles.add(ends)
        return int(found[1])

    def _bound(self) -> None:
        if len(self._streams) > MAX_HEADS:
            self.flush()

    def _find(self, name: bytes) -> _Stream:
        found = self._streams.get(name)
        if found is None:
            held = self._table.get(sha256(name).digest())
            last, length = held or (_NONE, 0)
            while length and last >= self.size:  # left by a process that was killed
                last, length = self._links[last] - 1, length - 1
            found = self._streams[name] = self._opened(name, last, length)
        return found

    def _opened(self, name: bytes, last: int, length: int) -> _Stream:
        if length:
            digest = self._leaf(last)
            return _Stream(length, digest, _going_on(name, length, digest), last)
        if not is_stream(name.decode("latin-1")):
            raise VerificationError(f"{name[:80]!r} cannot name a stream")
        return _Stream(*EMPTY, name + b" 0 - ", _NONE)


def _going_on(name: bytes, length: int, digest: bytes) -> bytes:
    return b"%b %d %b " % (name, length, b2a_base64(digest, newline=False))


def _is_whole(names: Sequence[bytes], rests: Sequence[bytes], at: int, count: int) -> bool:
    """Whether `count` entries of one stream follow, numbered, of one command and key."""
    command, kid = rests[at][:_COMMAND], rests[at].rpartition(b" ")[2]
    expected = [b"%b %d/%d %b" % (command, part, count, kid) for part in range(1, count + 1)]
    same_stream = set(names[at : at + count]) == {names[at]}
    return same_stream and list(rests[at : at + count]) == expected


def _no_continuation(index: int, name: bytes, length: int) -> VerificationError:
    return VerificationError(
        f"entry {index} does not continue stream {name.decode('latin-1')}, "
        f"which has {length} entries"
    )
