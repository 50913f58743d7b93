"""A file that is read and written by position, at once and without a buffer of its own."""

from __future__ import annotations

import os
import weakref
from pathlib import Path


class Places:
    """An open file, made if needed; closed when nobody holds it any longer."""

    def __init__(self, path: Path) -> None:
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._closing = weakref.finalize(self, os.close, self.descriptor)

    def read(self, count: int, place: int) -> bytes:
        """Up to `count` bytes from `place` on; fewer only at the end."""
        return os.pread(self.descriptor, count, place)

    def write(self, content: bytes, place: int) -> None:
        while content:
            written = os.pwrite(self.descriptor, content, place)
            content, place = content[written:], place + written

    def resize(self, size: int) -> None:
        os.truncate(self.descriptor, size)

    def close(self) -> None:
        # The system gives its number to the next file: whoever goes on must not meet that one.
        self.descriptor = -1
        self._closing()
