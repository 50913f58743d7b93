"""A store in a folder: create-only by hard link, durable by fsync.

Content is flushed to the disk before it has a name (newfile.py), and only then linked under
its key: a name never shows half an object, and linking fails if the name exists. The
directory is flushed too, because otherwise the name may be lost in a power failure though
the content is not. So one durable create is one flush of content and one of a directory.

Directories are opened anew for every object: that costs some microseconds beside flushes of
half a millisecond, and a descriptor that is kept would go on writing into a folder that an
operator has moved away. Works on local file systems with hard links and flock (Linux,
macOS); not on network file systems that pretend to have them, which probe.py finds out.
"""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from ledger.errors import NotStored, StoreLies, StoreUnavailable
from ledger.stores.newfile import NewFile, flush_all, flush_directory, nameless_files
from ledger.stores.store import Irregular, check_key, in_windows
from ledger.stores.verdict import Verdict

# Both start with a dot, which no key may.
_TEMPORARY = ".tmp"
_LOCK = ".lock"
# What a killed writer left unlinked; nobody needs a day to write a file.
_ABANDONED_SECONDS = 86_400
# Files that are open at once while many are written; more gain nothing.
_AT_ONCE = 128


class FolderStore:
    """A Store (see store.py) whose keys are paths below one folder."""

    kind = "folder"

    def __init__(self, root: Path, *, writing: bool = True) -> None:
        if not root.is_absolute():
            raise ValueError(f"a store's folder is an absolute path: {root}")
        self.name = f"the folder {root}"
        self.verdict: Verdict | None = None
        self._root = root
        # What shows that the disk is there: an unmounted one leaves an empty folder behind.
        self._sign = root / _TEMPORARY if writing else root
        self._durable: set[Path] = set()  # directories known to survive a power failure
        self._nameless = False
        if not writing and not root.is_dir():
            raise NotStored(f"there is no folder {root}")
        if writing:
            with self._translated(str(root)):
                root.mkdir(parents=True, exist_ok=True)
                self._prepare(self._sign)
                self._sweep()
                self._nameless = nameless_files(self._sign)

    def create(self, key: str, content: bytes, *, keep: bool = False) -> bool:
        with self._translated(key):
            path = self._path(key)
            return self._link(path, lambda file: file.write(content)) or (
                path.read_bytes() == content
            )

    def create_all(self, objects: Iterable[tuple[str, bytes]], *, keep: bool = False) -> list[str]:
        windows = in_windows(objects, _AT_ONCE)
        return [key for window in windows for key in self._link_all(window)]

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
            linked = self._link(self._path(key), lambda file: file.copy(source))
            if not linked and self.size(key) != path.stat().st_size:
                raise StoreLies(f"{key} holds something else than a file of its digest")

    def replace(self, key: str, content: bytes, previous: bytes | None) -> bool:
        return self._exchange(key, content, lambda current: current == previous)

    def tag(self, key: str) -> str:
        """What `swap` knows the present content by; NotStored."""
        return _tag(self.get(key))

    def swap(self, key: str, content: bytes, tag: str) -> bool:
        """Replace the content that has this tag; False if the key holds another, or nothing."""
        return self._exchange(
            key, content, lambda current: current is not None and _tag(current) == tag
        )

    def create_damaged(self, key: str, content: bytes) -> bool | None:
        """Nothing travels over a network here, so there is no checksum that could be wrong."""
        return None

    def create_locked(self, key: str, content: bytes, seconds: int) -> bool | None:
        """A folder cannot lock anything."""
        return None

    def keys(self, prefix: str, after: str = "") -> Iterator[str]:
        with self._translated(prefix):
            self._expect_disk()
            parent = prefix.rpartition("/")[0]
            for key in _walk(self._root / parent, f"{parent}/" if parent else ""):
                if key.startswith(prefix) and key > after:
                    yield key

    def irregular(self, prefix: str) -> Iterator[Irregular]:
        """A folder remembers nothing."""
        return iter(())

    def delete(self, key: str) -> None:
        with self._translated(key):
            self._expect_disk()
            path = self._path(key)
            path.unlink(missing_ok=True)
            if path.parent.is_dir():
                flush_directory(path.parent)

    def _path(self, key: str) -> Path:
        return self._root / check_key(key)

    def _link(self, path: Path, fill: Callable[[NewFile], None]) -> bool:
        with self._new_file(path.parent) as file:
            fill(file)
            file.flush()
            linked = file.link(path)
        # Also when another writer was first: its name may not have reached the disk yet,
        # and we are about to rely on it.
        flush_directory(path.parent)
        return linked

    def _link_all(self, objects: Sequence[tuple[str, bytes]]) -> list[str]:
        """`create` each, but wait once for all contents and once for each directory."""
        with self._translated(f"{objects[0][0]} and others"), ExitStack() as held:
            paths = [self._path(key) for key, _ in objects]
            files = [held.enter_context(self._new_file(path.parent)) for path in paths]
            for file, (_, content) in zip(files, objects, strict=True):
                file.write(content)
            flush_all(files)
            linked = [file.link(path) for file, path in zip(files, paths, strict=True)]
            for directory in {path.parent for path in paths}:
                flush_directory(directory)
            return [
                key
                for (key, content), path, ours in zip(objects, paths, linked, strict=True)
                if not ours and path.read_bytes() != content
            ]

    def _new_file(self, directory: Path) -> NewFile:
        """Where its name will be: a link from another directory costs a journal twice."""
        self._expect_disk()
        self._prepare(directory)
        if not directory.is_dir():  # deleted by hand since, to have it made anew
            self._durable.clear()
            self._prepare(directory)
        return NewFile(directory if self._nameless else self._sign, nameless=self._nameless)

    def _exchange(self, key: str, content: bytes, expected: Callable[[bytes | None], bool]) -> bool:
        with self._translated(key), self._locked():
            path = self._path(key)
            if not expected(path.read_bytes() if path.exists() else None):
                return False
            self._prepare(path.parent)
            with NewFile(self._sign, nameless=False) as file:
                file.write(content)
                file.flush()
                file.rename(path)
            flush_directory(path.parent)
            return True

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._expect_disk()
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
        flush_directory(directory.parent)
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
            with suppress(FileNotFoundError):  # of another process that opens the store just now
                if time.time() - left.stat().st_mtime > _ABANDONED_SECONDS:
                    left.unlink()


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


def _tag(content: bytes) -> str:
    return sha256(content).hexdigest()
