"""A wish to append, on its way to the log: made by log.py, settled by sequencer.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count

from ledger.chains import Span
from ledger.entry import Entry, Head, chain_entries, known_entry
from ledger.errors import LedgerError, Unconfirmed


class Request:
    """Entries that wait for their place, and what became of them."""

    __slots__ = ("command", "done", "entries", "error", "expected", "head_after", "leaves",
                 "size", "span", "stream", "written")  # fmt: skip

    def __init__(
        self, stream: str, expected: Head, payloads: Sequence[bytes], command: bytes, kid: str
    ) -> None:
        """`command` is the digest of its key. ValueError or EntryTooLarge if they cannot be
        entries."""
        self.stream = stream
        self.expected = expected
        self.command = command
        self.entries, self.leaves = chain_entries(stream, expected, payloads, command, kid)
        self.head_after = Head(expected.length + len(self.entries), self.leaves[-1])
        self.size = sum(map(len, self.entries))
        self.span: Span | None = None
        self.error: LedgerError | None = None
        self.written = False  # these very entries were committed, by this process
        self.done: Callable[[Request], None] | None = None

    @property
    def settled(self) -> bool:
        return self.span is not None or self.error is not None

    def outcome(self) -> Span:
        """Where the entries are, or the error that kept them out."""
        if self.span is None:
            raise self.error or Unconfirmed("the append was interrupted")
        return self.span

    def placed(self) -> tuple[Entry, ...]:
        """The entries, if `written`."""
        heads = map(Head, count(self.expected.length + 1), self.leaves)
        return tuple(map(known_entry, self.outcome().indices, self.entries, heads))
