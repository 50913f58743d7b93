"""What the log remembers of its entries: the head of each stream, the place of each command.

Derived from the entries alone, in order, and therefore also the check of everything that a
Merkle root cannot say: that a stream has no gap and no fork, and that a command was recorded
once, whole. About 300 bytes for each entry. Not thread-safe: log.py guards it.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

from ledger.entry import EMPTY, Entry, Head
from ledger.errors import VerificationError


@dataclass(frozen=True)
class Span:
    """Consecutive entries of the log: those of one command."""

    first: int
    count: int

    @property
    def indices(self) -> range:
        return range(self.first, self.first + self.count)


@dataclass
class _Stream:
    head: Head = EMPTY
    indices: array[int] = field(default_factory=lambda: array("Q"))


class Index:
    """Streams and commands of the entries added so far."""

    def __init__(self) -> None:
        self._streams: dict[str, _Stream] = {}
        self._commands: dict[bytes, Span] = {}
        self._open: Entry | None = None  # the last entry, while its command lacks parts

    def add(self, entry: Entry) -> None:
        """Take up the next entry; VerificationError if it cannot stand where it does."""
        self._check_command(entry)
        stream = self._streams.get(entry.stream) or _Stream()
        if (entry.seq, entry.prev) != (stream.head.length, stream.head.digest):
            raise VerificationError(
                f"entry {entry.index} does not continue stream {entry.stream}, "
                f"which has {stream.head.length} entries"
            )
        stream.head = entry.head
        stream.indices.append(entry.index)
        self._streams[entry.stream] = stream
        number, count = entry.part
        if number == 1:
            self._commands[entry.cmd] = Span(entry.index, count)
        self._open = entry if number < count else None

    def check_complete(self) -> None:
        """VerificationError if the last command lacks parts: a commit never splits one."""
        if self._open is not None:
            raise VerificationError(f"entry {self._open.index} is not the last of its command")

    def head(self, stream: str) -> Head:
        found = self._streams.get(stream)
        return found.head if found else EMPTY

    def indices(self, stream: str) -> tuple[int, ...]:
        """Where in the log the entries of a stream are."""
        found = self._streams.get(stream)
        return tuple(found.indices) if found else ()

    def command(self, digest: bytes) -> Span | None:
        """Where the entries of a command are."""
        return self._commands.get(digest)

    def _check_command(self, entry: Entry) -> None:
        number, count = entry.part
        last = self._open
        if last is None:
            fits = number == 1 and entry.cmd not in self._commands
        else:
            fits = entry.cmd == last.cmd and entry.part == (last.part[0] + 1, count)
            fits = fits and count == last.part[1] and entry.stream == last.stream
        if not fits:
            raise VerificationError(
                f"entry {entry.index} repeats a command or breaks one apart (part {number}/{count})"
            )
