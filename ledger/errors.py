"""Everything that can go wrong in the ledger, as one short tree.

    LedgerError
    ├── StoreError
    │   ├── NotStored          no object has this key, no entry this index
    │   ├── StoreUnavailable   the store did not answer, or not usefully
    │   └── StoreLies          the store broke a promise of `Store`: do not use it
    ├── AppendError
    │   ├── StreamMoved        the stream has another head than expected: read, decide again
    │   ├── EntryTooLarge      an entry may be at most 65,535 bytes long
    │   ├── Unconfirmed        maybe recorded, maybe not: repeat with the same key
    │   └── Busy               too many appends wait already: try again in a moment
    ├── NoQuorum               too few witnesses signed a checkpoint: it was not published
    ├── Unreachable            a witness or time-stamping authority gave no usable answer
    └── VerificationError      these bytes are not what they should be

Nothing from the operating system, botocore or json crosses the edge of this package.
A wrong argument of the caller (a float in a field, a space in a stream's name) is a
mistake in a program, not in the world: it raises ValueError or TypeError at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ledger.entry import Head


class LedgerError(Exception):
    """The root: catch it to catch all of them."""


class StoreError(LedgerError):
    """The object store could not do what was asked."""


class NotStored(StoreError):
    """There is no object under this key, or no entry with this index."""


class StoreUnavailable(StoreError):
    """The store did not answer, or refused; nothing is known about a write in flight."""


class StoreLies(StoreError):
    """The store acknowledges writes it should refuse, or changes what it keeps."""


class AppendError(LedgerError):
    """An append that did not end in entries."""


class StreamMoved(AppendError):
    """The stream's head is not the expected one; `head` is where the stream really is."""

    def __init__(self, stream: str, head: Head) -> None:
        super().__init__(f"stream {stream} has {head.length} entries, more or other than expected")
        self.stream = stream
        self.head = head


class EntryTooLarge(AppendError):
    """The sealed entry would not fit in 65,535 bytes."""


class Unconfirmed(AppendError):
    """The store could not confirm the append. Repeat it with the same key: it counts once."""


class Busy(AppendError):
    """Nothing was recorded: more appends wait than the log holds in memory. Try again."""


class NoQuorum(LedgerError):
    """The witnesses that signed are not enough for the policy; nothing was published."""


class Unreachable(LedgerError):
    """A witness or time-stamping authority did not answer, or not usefully."""


class VerificationError(LedgerError):
    """Bytes that were read do not have the form, digest, signature or place they claim."""
