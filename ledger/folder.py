"""A store in a folder: create-only by hard link, durable by fsync.

Content is written to `.tmp/`, flushed to the disk, and only then linked under its name:
a name never shows half an object, and linking fails if the name exists. The directory is
flushed too, because otherwise the name may be lost in a power failure though the content
is not. Works on local file systems with hard links and flock (Linux, macOS); not on network
file systems that pretend to have them.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from ledger.errors import NotStored, StoreLies, StoreUnavailable
from ledger.store import check_key

# Both start with a dot, which no key may.
_TEMPORARY = ".tmp"
_LOCK = ".lock"
# What a killed writer left unlinked; nobody needs a day to write a file.
_ABANDONED_SECONDS = 86_400
_COPY_BYTES = 1 << 20


class FolderStore:
    """A Store (see store.py) whose keys are paths below one folder."""

    def __init__(self, root: Path, *, writing: bool = True) -> None:
        if not root.is_absolute():
            raise ValueError(f"a store's folder is an absolute path: {root}")
        self._root = root
        # What shows that the disk is there: an unmounted one leaves an empty folder behind.
        self._sign = root / _TEMPORARY if writing else root
        self._durable: set[Path] = set()  # directories known to survive a power failure
        if not writing and not root.is_dir():
            raise NotStored(f"there is no folder {root}")
        if writing:
            with self._translated(str(root)):
                root.mkdir(parents=True, exist_ok=True)
                self._prepare(self._sign)
                self._sweep()

    def create(self, key: str, content: bytes) -> bool:
        with self._translated(key):
            if self._link(key, BytesIO(content)):
                return True
            return self._path(key).read_bytes() == content

    def get(self, key: str) -> bytes:
        with self._translated(key):
            return self._path(key).read_bytes()

    def read(self, key: str, start: int, length: int) -> bytes:
        with self._translated(key), self._path(key).open("rb") as file:
            file.seek(start)
            return file.read(length)

    def size(self, key: str) -> int:
        with self._translated(key):
            found = self._path(key).stat()
        if not stat.S_ISREG(found.st_mode):
            raise NotStored(f"nothing is stored under {key}")
        return found.st_size

    def add_file(self, key: str, path: Path) -> None:
        with self._translated(key), path.open("rb") as source:
            if not self._link(key, source) and self.size(key) != path.stat().st_size:
                raise StoreLies(f"{key} holds something else than a file of its digest")

    def replace(self, key: str, content: bytes, previous: bytes | None) -> bool:
        with self._translated(key), self._locked():
            path = self._path(key)
            if (path.read_bytes() if path.exists() else None) != previous:
                return False
            self._prepare(path.parent)
            with self._written(BytesIO(content)) as temporary:
                temporary.replace(path)
            _flush_directory(path.parent)
            return True

    def keys(self, prefix: str, after: str = "") -> Iterator[str]:
        with self._translated(prefix):
            self._expect_disk()
            parent = prefix.rpartition("/")[0]
            for key in _walk(self._root / parent, f"{parent}/" if parent else ""):
                if key.startswith(prefix) and key > after:
                    yield key

    def delete(self, key: str) -> None:
        with self._translated(key):
            self._expect_disk()
            path = self._path(key)
            path.unlink(missing_ok=True)
            if path.parent.is_dir():
                _flush_directory(path.parent)

    def _path(self, key: str) -> Path:
        return self._root / check_key(key)

    def _link(self, key: str, source: BinaryIO) -> bool:
        path = self._path(key)
        self._prepare(path.parent)
        with self._written(source) as temporary:
            try:
                os.link(temporary, path)
                linked = True
            except FileExistsError:
                linked = False
        # Also when another writer was first: its name may not have reached the disk yet,
        # and we are about to rely on it.
        _flush_directory(path.parent)
        return linked

    @contextmanager
    def _written(self, source: BinaryIO) -> Iterator[Path]:
        temporary = self._root / _TEMPORARY / secrets.token_hex(16)
        try:
            with temporary.open("xb") as target:
                shutil.copyfileobj(source, target, _COPY_BYTES)
                target.flush()
                os.fsync(target.fileno())
            yield temporary
        finally:
            temporary.unlink(missing_ok=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        # A lock of the open file, not of the process: it holds between threads as well.
        with (self._root / _LOCK).open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _prepare(self, directory: Path) -> None:
        """Make a directory; flush its name even if it exists: its maker may have died."""
        if directory in self._durable:
            return
        if directory != self._root:
            self._prepare(directory.parent)
        # Never with its parents: a store must not begin anew beside a disk that is away.
        directory.mkdir(exist_ok=True)
        _flush_directory(directory.parent)
        self._durable.add(directory)

    @contextmanager
    def _translated(self, key: str) -> Iterator[None]:
        try:
            yield
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            self._expect_disk()
            raise NotStored(f"nothing is stored under {key}") from None
        except OSError as error:
            raise StoreUnavailable(f"{key}: {error.strerror or error}") from error

    def _expect_disk(self) -> None:
        """A disk that is away holds nothing; that is no answer to what is stored."""
        if not self._sign.is_dir():
            raise StoreUnavailable(f"the folder {self._root} is not there")

    def _sweep(self) -> None:
        for left in (self._root / _TEMPORARY).iterdir():
            if time.time() - left.stat().st_mtime > _ABANDONED_SECONDS:
                left.unlink(missing_ok=True)


def _walk(directory: Path, prefix: str) -> Iterator[str]:
    """Keys below a directory, in the order of their text."""
    if not directory.is_dir():
        return
    with os.scandir(directory) as found:
        entries = [(each.name, each.is_dir(follow_symlinks=False)) for each in found]
    for name, is_directory in sorted(entries, key=lambda entry: entry[0] + "/" * entry[1]):
        if name.startswith(".") and not prefix:
            continue  # the store's own files
        if is_directory:
            yield from _walk(directory / name, f"{prefix}{name}/")
        else:
            yield prefix + name


def _flush_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
