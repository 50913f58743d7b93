"""A file that has no name until it is whole and on the disk.

On Linux it is opened with O_TMPFILE: the system itself removes what a killed writer left,
and there is no second name to take away. Elsewhere it has a name in a folder for temporary
files. Either way the calls of one durable file are

    open, write, fsync    the content is on the disk before anything points to it
    link                  the name appears, whole, or is refused if it exists
    fsync of its folder   the name is on the disk too

Sources: open(2) on O_TMPFILE, which gives the link through /proc/self/fd; syncfs(2), which
since Linux 5.8 fails if any write did that began after the descriptor was opened.
"""

from __future__ import annotations

import ctypes
import os
import secrets
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import BinaryIO

_COPY_BYTES = 1 << 20
# So few are flushed one by one: a disk that others use may have much else to write.
_FEW = 8


class NewFile:
    """Write to it, `flush` it, then give it a name. Close it in any case."""

    def __init__(self, folder: Path, *, nameless: bool) -> None:
        """`folder` is on the file system of the later name; see `nameless_files`."""
        self._temporary = None if nameless else folder / secrets.token_hex(16)
        flags = os.O_TMPFILE if nameless else os.O_CREAT | os.O_EXCL
        self._descriptor = os.open(self._temporary or folder, os.O_WRONLY | flags, 0o666)

    def __enter__(self) -> NewFile:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)
        if self._temporary is not None:
            self._temporary.unlink(missing_ok=True)

    def write(self, content: bytes) -> None:
        left = memoryview(content)
        while left:  # a nearly full disk takes a part
            left = left[os.write(self._descriptor, left) :]

    def copy(self, source: BinaryIO) -> None:
        while chunk := source.read(_COPY_BYTES):
            self.write(chunk)

    def flush(self) -> None:
        """Return when the content is on the disk."""
        os.fsync(self._descriptor)

    def flush_file_system(self) -> bool:
        """Return True when everything on this file's disk is there; False if not offered."""
        syncfs = _syncfs()
        if syncfs is None:
            return False
        if syncfs(self._descriptor) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        return True

    def link(self, path: Path) -> bool:
        """Appear at `path`; False if something is there."""
        source = self._temporary or f"/proc/self/fd/{self._descriptor}"
        try:
            # Only with some descriptor does Python call linkat, which follows the link in
            # /proc; beside an absolute path it means nothing.
            os.link(source, path, src_dir_fd=self._descriptor)
        except FileExistsError:
            return False
        return True

    def rename(self, path: Path) -> None:
        """Take the place of what is at `path`. Only a file that has a name can."""
        assert self._temporary is not None
        self._temporary.replace(path)
        self._temporary = None


def nameless_files(folder: Path) -> bool:
    """Whether files without a name can be made and later be named in this folder."""
    if not hasattr(os, "O_TMPFILE"):
        return False
    path = folder / secrets.token_hex(16)
    try:
        with NewFile(folder, nameless=True) as file:
            file.link(path)
        path.unlink()
    except OSError:  # the file system does not know them, or /proc is not there
        return False
    return True


def flush_all(files: Sequence[NewFile]) -> None:
    """`flush` each file. Many are flushed with the whole disk, in a tenth of the writes."""
    if len(files) > _FEW and files[0].flush_file_system():
        return
    for file in files:
        file.flush()


def flush_directory(directory: Path) -> None:
    """Return when the names in a directory are on the disk."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@cache
def _syncfs() -> Callable[[int], int] | None:
    """syncfs(2), which Python does not offer; it reports what could not be written."""
    return getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
