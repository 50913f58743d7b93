"""The log: append, read, publish, prove. The one door to a ledger.

One Log per process and store; all its methods may be called from any thread. Other
processes may write to the same store at any time: what they added is seen after
`catch_up`, and by every append.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ledger.checkpoint import Checkpoint
from ledger.entry import Draft, Entry, Head, command_digest
from ledger.errors import NotStored, StoreError, Unconfirmed, VerificationError
from ledger.index import Span
from ledger.keys import VKEY, format_vkey_file
from ledger.note import Signer
from ledger.publisher import Publisher
from ledger.receipt import format_receipt
from ledger.replica import Replica
from ledger.seal import DataKey, seal_entries
from ledger.sequencer import Request, Sequencer
from ledger.store import Store


class Log:
    """An append-only log in a store. Make one with `Log.open`."""

    def __init__(self, store: Store, signer: Signer, replica: Replica) -> None:
        self._replica = replica
        self._sequencer = Sequencer(store, replica)
        self._publisher = Publisher(store, signer, replica)
        self.verifier = signer.verifier

    @classmethod
    def open(cls, store: Store, signer: Signer) -> Log:
        """Open the log in a store, or start one: replay it, then finish what a crash left.

        Costs about 40 microseconds for each entry and one read for every 256 of them, or
        one for each commit not published yet. VerificationError if the store belongs to
        another key, or if it does not hold the log that this key has signed.
        """
        if not store.create(VKEY, format_vkey_file(signer.verifier)):
            raise VerificationError(f"the store does not belong to the key {signer.vkey}")
        published = Publisher(store, signer, Replica(store)).latest()
        restored = _restored(store, published)
        log = cls(store, signer, restored or Replica(store))
        log.catch_up()
        if published is not None:
            log._publisher.check(published)
            if restored is None:
                log._publisher.mend(published)
        if log.size > (published.size if published else 0):
            log.publish()
        return log

    def append(
        self,
        stream: str,
        expected: Head,
        drafts: Sequence[Draft],
        *,
        key: str,
        data_key: DataKey,
    ) -> tuple[Entry, ...]:
        """Add entries to a stream, all or none, consecutively; durable before it returns.

        `key` makes it happen once: the same key gives the same entries again, from any
        process and for ever, whatever the drafts say then. Raises StreamMoved if the
        stream is not at `expected`, EntryTooLarge, or Unconfirmed if the store could not
        tell; the caller then repeats with the same key.
        """
        span = self._replica.command(command_digest(key))
        if span is None:
            entries = seal_entries(stream, expected, drafts, key, data_key)
            request = Request(stream, expected, command_digest(key), entries)
            span = self._sequencer.submit(request)
        try:
            return self._entries(span)
        except StoreError as error:
            raise Unconfirmed(f"recorded, but the store did not show it: {error}") from error

    def recorded(self, key: str) -> tuple[Entry, ...] | None:
        """The entries appended with this key, as far as this process has caught up."""
        span = self._replica.command(command_digest(key))
        return None if span is None else self._entries(span)

    def head(self, stream: str) -> Head:
        """Where a stream ends, as far as this process has caught up; EMPTY if unknown."""
        return self._replica.head(stream)

    def catch_up(self) -> int:
        """Take in what other processes committed; returns the size. One read if nothing."""
        return self._sequencer.catch_up()

    @property
    def size(self) -> int:
        """The number of entries this process knows."""
        return self._replica.size

    def entries(self, start: int, stop: int) -> Iterator[Entry]:
        """Entries by index, in order, up to the size known; a few hundred in memory at once.

        VerificationError if the store returns anything else than what was committed.
        """
        return self._replica.entries(start, stop)

    def stream_entries(self, stream: str) -> tuple[Entry, ...]:
        """All entries of a stream, in order."""
        return self._replica.stream_entries(stream)

    def publish(self) -> Checkpoint:
        """Write tiles and a signed checkpoint for everything committed so far."""
        self.catch_up()
        return self._publisher.publish()

    def latest(self) -> Checkpoint | None:
        """The newest published checkpoint, of whatever process."""
        return self._publisher.latest()

    def first_checkpoint_covering(self, index: int) -> Checkpoint:
        """The smallest published checkpoint that contains an entry; publishes if none does."""
        self._expect(index)
        return self._publisher.first_covering(index) or self.publish()

    def checkpoint_covering(self, index: int) -> Checkpoint:
        """The newest known checkpoint that contains an entry; publishes if none does."""
        self._expect(index)
        checkpoint = self._publisher.covering(index) or self.publish()
        if checkpoint.size > self.size:  # of another process, with entries not seen yet
            self.catch_up()
            self._publisher.check(checkpoint)
        return checkpoint

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """The proof that the entry is in the tree of `size`, from the leaf upwards."""
        self._expect(size - 1)
        if not 0 <= index < size:
            raise NotStored(f"there is no entry {index} among the first {size}")
        return self._replica.inclusion(index, size)

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """The proof that the tree of `new` entries continues the tree of `old`."""
        self._expect(new - 1)
        if not 0 <= old <= new:
            raise NotStored(f"a log of {new} entries does not continue one of {old}")
        return self._replica.consistency(old, new)

    def receipt(self, index: int) -> str:
        """A receipt (see receipt.py) for an entry, against the newest known checkpoint."""
        checkpoint = self.checkpoint_covering(index)
        proof = self.inclusion(index, checkpoint.size)
        return format_receipt(index, proof, checkpoint.text)

    def _entries(self, span: Span) -> tuple[Entry, ...]:
        return tuple(self._replica.entries(span.first, span.first + span.count))

    def _expect(self, index: int) -> None:
        if index >= self.size and index >= self.catch_up():
            raise NotStored(f"the log has {self.size} entries, there is no entry {index}")


def _restored(store: Store, published: Checkpoint | None) -> Replica | None:
    """What published bundles hold, or None: they are derived, the commits can do without."""
    replica = Replica(store)
    try:
        if published is not None:
            replica.restore(published)
    except (NotStored, VerificationError):
        return None
    return replica
