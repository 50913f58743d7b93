"""Making what is committed readable and provable for others: tiles, then signatures.

In this order, so that a crash at any point leaves nothing that lacks its foundation:

    1. tiles and entry bundles of the new size          derived, the same from any process
    2. checkpoints/<20-digit size>                      signed and cosigned, never replaced
    3. checkpoint                                       the newest of them; only moves forward
    4. timestamps/<20-digit size>                       a time stamp over it, if one is asked for
    5. partial tiles that a full one supersedes         are deleted

Signing comes after the commit is stored, never before: two writers racing for a commit
would otherwise both sign, and two roots for one size are proof of misbehaviour.
"""

from __future__ import annotations

import time
from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator
from threading import Lock

from ledger.checkpoint import Checkpoint, read_checkpoint, sign_checkpoint
from ledger.encoding import from_utf8
from ledger.errors import LedgerError, NotStored, VerificationError
from ledger.note import Signer
from ledger.replica import Replica
from ledger.signed import LastSigned
from ledger.stores.store import Store
from ledger.tiles import WIDTH, Bundle, Tile, grown, join_entries
from ledger.timestamp import Stamper
from ledger.witnessing.witnesses import Witnesses

POINTER = "checkpoint"
CHECKPOINTS = "checkpoints/"
TIMESTAMPS = "timestamps/"


class Publisher:
    """Publishes one log under its keys. Safe for threads, and for many processes."""

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
        self._signer = signer
        self._replica = replica
        self._witnesses = witnesses
        self._stamper = stamper
        self._last_signed = last_signed
        self._publishing = Lock()
        self._newest: Checkpoint | None = None  # the newest this process has seen
        self._sizes: list[int] = []  # published sizes in order, as far as listed
        self.stamp_error: str | None = None  # why the newest checkpoint has no time stamp

    def publish(self) -> Checkpoint:
        """The checkpoint of the replica's size, published; nothing is done if it is there.

        NoQuorum if cosignatures are required and too few came: then nothing is published.
        """
        with self._publishing:
            size = self._replica.size
            newest = self.latest()
            if newest is not None and newest.size >= size:
                return newest
            published = newest.size if newest else 0
            self._write_tiles(published, size)
            checkpoint = self._signed(size)
            self._move_pointer(checkpoint)
            self._stamp(checkpoint)
            self._drop_partials(published, size)
            return self._saw(checkpoint)

    def latest(self) -> Checkpoint | None:
        """The newest published checkpoint, read from the store and verified."""
        try:
            note = self._store.get(POINTER)
        except NotStored:
            return None
        return self._saw(self._read(note))

    def covering(self, index: int) -> Checkpoint | None:
        """A published checkpoint whose size is above `index`: the newest known."""
        if self._newest is not None and self._newest.size > index:
            return self._newest
        newest = self.latest()
        return newest if newest is not None and newest.size > index else None

    def first_covering(self, index: int) -> Checkpoint | None:
        """The published checkpoint with the smallest size above `index`.

        Lists checkpoints that appeared since it last did, if need be; reads one object.
        """
        newest = self.covering(index)
        if newest is None:
            return None
        with self._publishing:
            if not self._sizes or self._sizes[-1] <= index:
                self._list_sizes()
            covering = self._sizes[bisect_right(self._sizes, index) :]
        # A list may lag behind what was written; the newest checkpoint covers the entry too.
        return self._read(self._store.get(checkpoint_key(covering[0]))) if covering else newest

    def timestamp(self, size: int) -> bytes | None:
        """The time stamp over the checkpoint of a published size (RFC 3161), if there is one."""
        try:
            return self._store.get(timestamp_key(size))
        except NotStored:
            return None

    def check(self, checkpoint: Checkpoint) -> None:
        """VerificationError if a signed checkpoint and the commits tell different stories."""
        if checkpoint.size > self._replica.size:
            raise VerificationError(
                f"a checkpoint of {checkpoint.size} entries is signed, "
                f"but commits hold only {self._replica.size}"
            )
        if self._replica.root(checkpoint.size) != checkpoint.root:
            raise VerificationError(f"the signed root of size {checkpoint.size} is another")

    def mend(self, checkpoint: Checkpoint) -> None:
        """Write again what is missing of a published size; VerificationError if it differs.

        A damaged tile can be deleted by hand: it is derived, and this makes it anew.
        """
        self._write_tiles(0, checkpoint.size)

    def _write_tiles(self, old: int, new: int) -> None:
        full: list[Tile | Bundle] = []
        partial: list[Tile | Bundle] = []
        for each in grown(old, new):
            (full if each.width == WIDTH else partial).append(each)
        refused = self._store.create_all(self._contents(full), keep=True)
        refused += self._store.create_all(self._contents(partial))
        if refused:
            raise VerificationError(
                f"{refused[0]} holds something else than what follows from the log"
            )

    def _contents(self, tiles: Iterable[Tile | Bundle]) -> Iterator[tuple[str, bytes]]:
        for each in tiles:
            if isinstance(each, Tile):
                yield each.key, self._replica.nodes(each.height, each.first, each.stop)
            else:
                run = self._replica.raw_entries(each.first, each.stop)
                yield each.key, join_entries(raw for _, raw in run)

    def _signed(self, size: int) -> Checkpoint:
        """The checkpoint of a size, as it is stored: ours, or that of another process."""
        key, root = checkpoint_key(size), self._replica.root(size)
        if self._last_signed is not None:
            self._last_signed.check(size, self._replica.root)
        checkpoint = sign_checkpoint(self._signer, size, root, int(time.time()))
        if self._last_signed is not None:
            self._last_signed.note(checkpoint)
        if self._witnesses is not None:
            checkpoint = self._witnesses.endorse(checkpoint, self._replica.consistency)
        if self._store.create(key, checkpoint.text.encode("utf-8"), keep=True):
            return checkpoint
        # Signatures differ from time to time, the statement must not.
        stored = self._read(self._store.get(key))
        if (stored.size, stored.root) != (size, root):
            raise VerificationError(f"{key} states another root than the log has")
        return stored

    def _move_pointer(self, checkpoint: Checkpoint) -> None:
        """Copy a checkpoint to the pointer unless that shows as much already."""
        content = checkpoint.text.encode("utf-8")
        while True:
            try:
                shown = self._store.get(POINTER)
            except NotStored:
                shown = None
            if shown is not None and self._read(shown).size >= checkpoint.size:
                return
            if self._store.replace(POINTER, content, shown):
                return

    def _stamp(self, checkpoint: Checkpoint) -> None:
        if self._stamper is None:
            return
        try:
            token = self._stamper.stamp(checkpoint.text.encode("utf-8"))
            self._store.create(timestamp_key(checkpoint.size), token, keep=True)
            self.stamp_error = None
        except LedgerError as error:  # the log goes on; the page of its health shows it
            self.stamp_error = str(error)

    def _drop_partials(self, old: int, new: int) -> None:
        """Delete the partial tiles of the old right edge that are full by now."""
        for each in grown(old, new):
            if each.width == WIDTH and each.first < old >> each.height:
                for key in list(self._store.keys(f"{each.key}.p/")):
                    self._store.delete(key)

    def _read(self, note: bytes) -> Checkpoint:
        return read_checkpoint(from_utf8(note), self._signer.verifiers)

    def _saw(self, checkpoint: Checkpoint) -> Checkpoint:
        """Remember a checkpoint; VerificationError if it contradicts what is committed."""
        if checkpoint.size <= self._replica.size:
            self.check(checkpoint)
        if self._newest is None or checkpoint.size > self._newest.size:
            self._newest = checkpoint
            self._replica.published(checkpoint.size)
        return checkpoint

    def _list_sizes(self) -> None:
        after = checkpoint_key(self._sizes[-1]) if self._sizes else ""
        for key in self._store.keys(CHECKPOINTS, after):
            insort(self._sizes, size_in(key))


def checkpoint_key(size: int) -> str:
    """Where the checkpoint of a size lies."""
    return f"{CHECKPOINTS}{size:020}"


def timestamp_key(size: int) -> str:
    """Where the time stamp over the checkpoint of a size lies."""
    return f"{TIMESTAMPS}{size:020}"


def size_in(key: str) -> int:
    """The size in the key of a checkpoint or time stamp; VerificationError if there is none."""
    digits = key.rpartition("/")[2]
    if len(digits) != 20 or not (digits.isascii() and digits.isdigit()):
        raise VerificationError(f"{key} is not the key of a checkpoint")
    return int(digits)
