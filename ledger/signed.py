"""What a key has signed, remembered beside the key: a log must never sign two histories.

A store that was rolled back, copied and continued, or put in another's place looks sound to
itself. Whoever holds the key remembers the largest tree that it signed, and signs only what
continues it; the file is one checkpoint. Without the file nothing is remembered: witnesses
(witnessing/) remember as well, and belong to somebody else.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.checkpoint import Checkpoint, parse_checkpoint
from ledger.encoding import from_utf8
from ledger.errors import StoreUnavailable, VerificationError
from ledger.witnessing.durable import replace_file


class LastSigned:
    """The memory of one key, in a file of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def check(self, size: int, root: Callable[[int], bytes]) -> None:
        """VerificationError unless the log of this size continues what was signed."""
        last = self._read()
        if last is None:
            return
        if last.size > size:
            raise VerificationError(
                f"this key has signed a log of {last.size} entries, and here are only {size}: "
                "the store was rolled back, or is another"
            )
        if root(last.size) != last.root:
            raise VerificationError(
                f"this key has signed another history of {last.size} entries than is here"
            )

    def note(self, checkpoint: Checkpoint) -> None:
        """Remember a signature, before anybody else sees it."""
        try:
            with self._one_at_a_time():
                self._keep(checkpoint)
        except OSError as error:
            raise StoreUnavailable(f"cannot remember what was signed: {error}") from error

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        """Several workers share a key: neither may take the other's half-written file, nor put a
        smaller tree over a larger one."""
        lock = self._path.with_name(f".{self._path.name}.lock")
        lock.touch(mode=0o600)  # it lies among secrets
        with lock.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _keep(self, checkpoint: Checkpoint) -> None:
        last = self._read()
        if last is not None and last.size >= checkpoint.size:
            return
        replace_file(self._path, checkpoint.text.encode("utf-8"))
        self._path.chmod(0o600)  # no secret, but it lies among them

    def _read(self) -> Checkpoint | None:
        try:
            return parse_checkpoint(from_utf8(self._path.read_bytes()))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreUnavailable(f"cannot read what was signed: {error}") from error
