"""The local folder: what a process remembers of a log, so as not to read it all again.

    nodes       the tree (tree.py)
    links       for each entry, the index before it in its stream, plus one
    streams     SHA-256 of a stream's name -> index of its last entry, length
    commands    SHA-256 of an idempotency key -> index of its first entry, how many
    map.sqlite  the map (map.py)
    position    which commits all this follows from

Derived from commits, of no authority: it may be deleted at any time, and two processes never
share one. One that was not closed is used again only if the machine has not been restarted
since, because then the system still had every page. One that was closed is used again if its
files are what they were then. Without a path it is temporary.
"""

from __future__ import annotations

import fcntl
import secrets
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from hashlib import file_digest
from io import BufferedRandom
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from ledger.encoding import from_utf8
from ledger.errors import LedgerError, StoreUnavailable

# The form of what is kept; another number means: begin anew.
_FORM = "mingan/local/1"
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_CLOSED = "closed "
# All that is ever deleted: the folder that somebody names may hold other things.
_KEPT = ("nodes", "links", "streams", "commands", "map.sqlite")
_PASSING = ("map.sqlite-wal", "map.sqlite-shm", "streams.new", "commands.new", "position.new")


@dataclass(frozen=True)
class Position:
    """How far the local files go: number of the next commit, digest of the last, entries."""

    number: int = 0
    digest: bytes = bytes(32)
    size: int = 0


class Local:
    """A folder that belongs to this process until `close`."""

    def __init__(self, folder: Path, lock: BufferedRandom | None, log: str) -> None:
        self.folder = folder
        self._lock = lock  # None: temporary
        self._log = log
        leave = lock.close if lock is not None else partial(rmtree, folder, ignore_errors=True)
        self._leaving = weakref.finalize(self, leave)
        self.position = self._read()
        if self.position == Position():
            self._empty()

    @classmethod
    def open(cls, folder: Path | None, log: str) -> Local:
        """The folder's own if no other process has it, else a temporary one.

        `log` names the log: what was kept of another one is forgotten.
        """
        try:
            lock = _lock(folder) if folder is not None else None
            if folder is not None and lock is not None:
                return cls(folder, lock, log)
            return cls(Path(mkdtemp(prefix="mingan-ledger-")), None, log)
        except OSError as error:
            raise StoreUnavailable(f"cannot keep a local folder: {error}") from error

    def keep(self, position: Position) -> None:
        """Note that the files hold everything up to here. Call it after they do."""
        self.position = position
        if self._lock is not None:
            self._write(_boot())

    def close(self) -> None:
        """Leave everything for the next time, or remove it if it was temporary."""
        if self._lock is not None:
            with suppress(OSError):
                self._write(_CLOSED + self._digest())
        self._leaving()

    def distrust(self) -> None:
        """The files fit no log any more: whoever opens them next begins anew."""
        with suppress(OSError):
            (self.folder / "position").unlink(missing_ok=True)

    def begin_anew(self) -> None:
        """Forget everything."""
        self.position = Position()
        self._empty()

    def _empty(self) -> None:
        for name in ("position", *_KEPT, *_PASSING):
            (self.folder / name).unlink(missing_ok=True)

    def _read(self) -> Position:
        try:
            lines = from_utf8((self.folder / "position").read_bytes()).split("\n")
            form, log, boot, number, digest, size = lines
            if (form, log) != (_FORM, self._log) or boot not in self._trusted(boot):
                return Position()
            return Position(int(number), bytes.fromhex(digest), int(size))
        except (OSError, ValueError, LedgerError):
            return Position()

    def _trusted(self, boot: str) -> tuple[str, ...]:
        """What may stand for the last use. Files that were closed are perhaps not on the disk."""
        return (_CLOSED + self._digest(),) if boot.startswith(_CLOSED) else (_boot(),)

    def _digest(self) -> str:
        """Of everything kept; some tenth of a second for a million entries."""
        digests = []
        for name in _KEPT:
            with (self.folder / name).open("rb") as file:
                digests.append(file_digest(file, "sha256").hexdigest())
        return " ".join(digests)

    def _write(self, boot: str) -> None:
        position = self.position
        numbers = f"{position.number}\n{position.digest.hex()}\n{position.size}"
        text = f"{_FORM}\n{self._log}\n{boot}\n{numbers}"
        temporary = self.folder / "position.new"
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(self.folder / "position")


@contextmanager
def using_files() -> Iterator[None]:
    """Trouble with local files (a full disk, a damaged file) as StoreUnavailable."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise StoreUnavailable(f"the local files cannot be used: {error}") from error


def _lock(folder: Path) -> BufferedRandom | None:
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / "lock").open("a+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _boot() -> str:
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return secrets.token_hex(16)  # no telling: whoever comes next begins anew
