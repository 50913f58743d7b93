"""Making what is committed readable and provable for others: tiles, then a signature.

In this order, so that a crash at any point leaves nothing that lacks its foundation:

    1. tiles and entry bundles of the new size          derived, the same from any process
    2. checkpoints/<20-digit size>                      signed, created once, never replaced
    3. checkpoint                                       the newest of them; only moves forward

Signing comes after the commit is stored, never before: two writers racing for a commit
would otherwise both sign, and two roots for one size are proof of misbehaviour.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from threading import Lock

from ledger.checkpoint import Checkpoint, read_checkpoint, sign_checkpoint
from ledger.encoding import from_utf8
from ledger.errors import NotStored, VerificationError
from ledger.note import Signer
from ledger.replica import Replica
from ledger.store import Store
from ledger.tiles import join_entries, new_bundles, new_tiles

POINTER = "checkpoint"
CHECKPOINTS = "checkpoints/"


class Publisher:
    """Publishes one log under one key. Safe for threads, and for many processes."""

    def __init__(self, store: Store, signer: Signer, replica: Replica) -> None:
        self._store = store
        self._signer = signer
        self._replica = replica
        self._publishing = Lock()
        self._newest: Checkpoint | None = None  # the newest this process has seen
        self._sizes: list[int] = []  # published sizes in order, as far as listed

    def publish(self) -> Checkpoint:
        """The checkpoint of the replica's size, published; nothing is done if it is there."""
        with self._publishing:
            size = self._replica.size
            newest = self.latest()
            if newest is not None and newest.size >= size:
                return newest
            self._write_tiles(newest.size if newest else 0, size)
            checkpoint = sign_checkpoint(self._signer, size, self._replica.root(size))
            self._create(checkpoint_key(size), checkpoint.text.encode("utf-8"))
            self._move_pointer(checkpoint)
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
        for tile in new_tiles(old, new):
            self._create(tile.key, self._replica.nodes(tile.height, tile.first, tile.stop))
        for bundle in new_bundles(old, new):
            run = self._replica.raw_entries(bundle.first, bundle.stop)
            self._create(bundle.key, join_entries(raw for _, raw in run))

    def _create(self, key: str, content: bytes) -> None:
        if not self._store.create(key, content):
            raise VerificationError(f"{key} holds something else than what follows from the log")

    def _move_pointer(self, checkpoint: Checkpoint) -> None:
        while True:
            try:
                current: bytes | None = self._store.get(POINTER)
            except NotStored:
                current = None
            if current is not None and self._read(current).size >= checkpoint.size:
                return
            if self._store.replace(POINTER, checkpoint.text.encode("utf-8"), current):
                return

    def _read(self, note: bytes) -> Checkpoint:
        return read_checkpoint(from_utf8(note), [self._signer.verifier])

    def _saw(self, checkpoint: Checkpoint) -> Checkpoint:
        if checkpoint.size <= self._replica.size:
            self.check(checkpoint)
        if self._newest is None or checkpoint.size > self._newest.size:
            self._newest = checkpoint
            self._replica.published(checkpoint.size)
        return checkpoint

    def _list_sizes(self) -> None:
        after = checkpoint_key(self._sizes[-1]) if self._sizes else ""
        for key in self._store.keys(CHECKPOINTS, after):
            insort(self._sizes, checkpoint_size(key))


def checkpoint_key(size: int) -> str:
    return f"{CHECKPOINTS}{size:020}"


def checkpoint_size(key: str) -> int:
    """The size in the key of a checkpoint; VerificationError if there is none."""
    digits = key.removeprefix(CHECKPOINTS)
    if len(digits) != 20 or not (digits.isascii() and digits.isdigit()):
        raise VerificationError(f"{key} is not the key of a checkpoint")
    return int(digits)
