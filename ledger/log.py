"""The log: append, read, publish, prove. The one door to a ledger.

One Log per process and store; all its methods may be called from any thread. Other
processes may write to the same store at any time: what they added is seen after
`catch_up`, and by every append.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ledger.chains import Span
from ledger.checkpoint import Checkpoint
from ledger.content import Draft, is_content
from ledger.entry import OWN, PLAIN, Entry, Head, command_digest
from ledger.erasure import format_erasure
from ledger.errors import LedgerError, NotStored, StoreError, Unconfirmed, VerificationError
from ledger.keys import VKEY, format_vkey_file
from ledger.local import Local
from ledger.mapproof import MapProof
from ledger.note import Signer
from ledger.publisher import Publisher
from ledger.receipt import format_receipt
from ledger.replica import Replica
from ledger.request import Request
from ledger.seal import DataKey, seal_payloads
from ledger.sequencer import Sequencer
from ledger.signed import LastSigned
from ledger.stores.store import Store
from ledger.timestamp import Stamper
from ledger.witnessing.witnesses import Witnesses

# What a probe (probe.py) found out about the store, in the words of its verdict.
STORE_STREAM = f"{OWN}store"


@dataclass(frozen=True)
class Append:
    """One command among many: what `Log.append` takes, as a value."""

    stream: str
    expected: Head
    payloads: Sequence[bytes]
    key: str
    kid: str = PLAIN


@dataclass(frozen=True)
class Completeness:
    """What the map says of a stream: the entry that states its root, and the way to it."""

    map_entry: Entry
    proof: MapProof


class Log:
    """An append-only log in a store. Make one with `Log.open`."""

    def __init__(
        self,
        store: Store,
        signer: Signer,
        replica: Replica,
        witnesses: Witnesses | None = None,
        stamper: Stamper | None = None,
        last_signed: LastSigned | None = None,
    ) -> None:
        self._store = store
        self._replica = replica
        self.sequencer = Sequencer(store, replica)  # for futures.py
        self._publisher = Publisher(store, signer, replica, witnesses, stamper, last_signed)
        self.witnesses = witnesses
        self.verifier = signer.verifier
        self.verifiers = signer.verifiers

    @classmethod
    def open(
        cls,
        store: Store,
        signer: Signer,
        *,
        index: Path | None = None,
        witnesses: Witnesses | None = None,
        stamper: Stamper | None = None,
        memory: Path | None = None,
    ) -> Log:
        """Open the log in a store, or start one.

        `index` is a folder in which this process keeps what it learns, so that the next start
        need not read everything again; any number of processes may name the same, one has it.
        Without it a start costs some microseconds for each entry and one read for every 256 of
        them, or one for each commit not published yet. `memory` is a file beside the key that
        remembers what it signed (signed.py). VerificationError if the store belongs to another
        key, or if it does not hold the log that this key has signed.
        """
        if not store.create(VKEY, format_vkey_file(signer.verifiers), keep=True):
            raise VerificationError(f"the store does not belong to the key {signer.vkey}")
        replica = Replica(store, Local.open(index, signer.vkey))
        last_signed = LastSigned(memory) if memory is not None else None
        log = cls(store, signer, replica, witnesses, stamper, last_signed)
        log._load()
        if last_signed is not None:
            last_signed.check(log.size, replica.root)
        return log

    def _load(self) -> None:
        published = self._publisher.latest() if not self.size else None
        complete = self._resume() if self.size else self._restore(published)
        self.catch_up()
        published = self._publisher.latest()
        if published is not None:
            self._publisher.check(published)
            if not complete:
                self._publisher.mend(published)

    def _resume(self) -> bool:
        """Go on from local files, if they are of this log."""
        if not self._replica.is_of_store():
            self._replica.begin_anew()
            return self._restore(self._publisher.latest())
        published = self._publisher.latest()
        self._replica.resume(published.size if published else 0)
        return True

    def _restore(self, published: Checkpoint | None) -> bool:
        """Take what published bundles hold; they are derived, the commits can do without."""
        if published is None:
            return True
        try:
            self._replica.restore(published)
        except (NotStored, VerificationError):
            self._replica.begin_anew()
            return False
        return True

    def append(
        self,
        stream: str,
        expected: Head,
        payloads: Sequence[bytes],
        *,
        key: str,
        kid: str = PLAIN,
    ) -> tuple[Entry, ...]:
        """Add entries to a stream, all or none, consecutively; durable before it returns.

        `key` makes it happen once: the same key gives the same entries again, from any
        process and for ever, whatever the payloads say then. Raises StreamMoved if the
        stream is not at `expected`, EntryTooLarge, Busy, or Unconfirmed if the store could
        not tell; the caller then repeats with the same key.
        """
        return self._append(key, lambda: request_for(stream, expected, payloads, key, kid))

    def append_sealed(
        self,
        stream: str,
        expected: Head,
        drafts: Sequence[Draft],
        *,
        key: str,
        data_key: DataKey,
    ) -> tuple[Entry, ...]:
        """The same for events whose fields only the holder of `data_key` shall read."""
        return self._append(
            key,
            lambda: _request(
                stream,
                expected,
                seal_payloads(stream, expected, drafts, data_key),
                key,
                data_key.kid,
            ),
        )

    def append_all(self, appends: Sequence[Append]) -> list[tuple[Entry, ...] | LedgerError]:
        """Many commands at once, each all or none: what `append` returns or raises, in order."""
        requests = [
            request_for(each.stream, each.expected, each.payloads, each.key, each.kid)
            for each in appends
        ]
        self.sequencer.submit_all(requests)
        return [self._settled_or_error(request) for request in requests]

    def settled(self, request: Request) -> tuple[Entry, ...]:
        """What became of a request: its entries, or the error."""
        span = request.outcome()
        if request.written:
            return request.placed()
        return self._shown(span)

    def erase(self, stream: str) -> tuple[Entry, ...]:
        """Destroy the data keys that seal a stream, after recording that it is done.

        What they sealed is gone for ever; every entry keeps its place and every proof holds.
        Repeating it finishes what a crash interrupted. NotStored if nothing is sealed there.
        """
        self.catch_up()
        kids = sorted({entry.kid for entry in self.stream_entries(stream)} - {PLAIN})
        if not kids:
            raise NotStored(f"nothing is sealed in stream {stream}")
        command = command_digest(f"{OWN}erase {stream} {' '.join(kids)}")
        request = Request(stream, self.head(stream), [format_erasure(kids)], command, PLAIN)
        self.sequencer.submit(request)
        entries = self.settled(request)
        for kid in kids:
            self._store.delete(f"keys/{kid}")
        return entries

    def note_verdict(self, verdict: str) -> Entry:
        """Record what a probe of the store found, unless the last one found the same."""
        self.catch_up()
        noted = self.stream_entries(STORE_STREAM)
        text = verdict.encode("utf-8")
        if noted and noted[-1].payload == text:
            return noted[-1]
        head = self.head(STORE_STREAM)
        command = command_digest(f"{STORE_STREAM} {head.length}")
        request = Request(STORE_STREAM, head, [text], command, PLAIN)
        self.sequencer.submit(request)
        return self.settled(request)[0]

    def recorded(self, key: str) -> tuple[Entry, ...] | None:
        """The entries appended with this key, as far as this process has caught up."""
        span = self._replica.command(command_digest(key))
        return None if span is None else self._entries(span)

    def head(self, stream: str) -> Head:
        """Where a stream ends, as far as this process has caught up; EMPTY if unknown."""
        return self._replica.head(stream)

    def catch_up(self) -> int:
        """Take in what other processes committed; returns the size. One read if nothing."""
        return self.sequencer.catch_up()

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
        """State the map, write tiles and a signed checkpoint for everything committed so far.

        At most five writes (one the map's commit), and two more for every 256 entries; none
        if nothing was appended since. NoQuorum if witnesses are required and did not sign.
        """
        self.sequencer.commit_map()
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

    def timestamp(self, size: int) -> bytes | None:
        """The time stamp over the checkpoint of a published size (RFC 3161), if there is one."""
        return self._publisher.timestamp(size)

    @property
    def stamp_error(self) -> str | None:
        """Why the newest checkpoint has no time stamp, if it should have one."""
        return self._publisher.stamp_error

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

    def node(self, height: int, number: int) -> bytes:
        """The root of a perfect subtree, numbered from the left among those of its height."""
        return self._replica.nodes(height, number, number + 1)

    def receipt(self, index: int) -> str:
        """A receipt (see receipt.py) for an entry, against the newest known checkpoint."""
        checkpoint = self.checkpoint_covering(index)
        proof = self.inclusion(index, checkpoint.size)
        return format_receipt(index, proof, checkpoint.text)

    def prove_stream(self, stream: str) -> Completeness:
        """How many entries a stream has, none included, as of now; publishes first."""
        found = self.sequencer.prove(stream)
        if found is None:
            raise NotStored("the log has no entries yet")
        index, proof = found
        self.checkpoint_covering(index)
        return Completeness(next(self.entries(index, index + 1)), proof)

    def close(self) -> None:
        """Release what is kept locally, for the next start; the Log is of no use then."""
        with self.sequencer.leading:
            self._replica.close()

    def _append(self, key: str, make: Callable[[], Request]) -> tuple[Entry, ...]:
        span = self._replica.command(command_digest(key))
        if span is not None:
            return self._shown(span)
        request = make()
        self.sequencer.submit(request)
        return self.settled(request)

    def _settled_or_error(self, request: Request) -> tuple[Entry, ...] | LedgerError:
        try:
            return self.settled(request)
        except LedgerError as error:
            return error

    def _shown(self, span: Span) -> tuple[Entry, ...]:
        """Entries that were recorded before, read from the store."""
        try:
            return self._entries(span)
        except StoreError as error:
            raise Unconfirmed(f"recorded, but the store did not show it: {error}") from error

    def _entries(self, span: Span) -> tuple[Entry, ...]:
        return tuple(self._replica.entries(span.first, span.first + span.parts))

    def _expect(self, index: int) -> None:
        if index >= self.size and index >= self.catch_up():
            raise NotStored(f"the log has {self.size} entries, there is no entry {index}")


def request_for(
    stream: str, expected: Head, payloads: Sequence[bytes], key: str, kid: str = PLAIN
) -> Request:
    """An append, ready to be committed; ValueError or EntryTooLarge if it cannot be one."""
    if kid != PLAIN and not all(map(is_content, payloads)):
        raise ValueError(f"not payloads that are sealed with {kid}: see content.py")
    return _request(stream, expected, payloads, key, kid)


def _request(stream: str, expected: Head, payloads: Sequence[bytes], key: str, kid: str) -> Request:
    if stream.startswith(OWN) or key.startswith(OWN):
        raise ValueError(f"streams and keys that begin with {OWN} are the ledger's own")
    return Request(stream, expected, payloads, command_digest(key), kid)
