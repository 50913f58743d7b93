"""The digest of an upload, computed while its bytes arrive.

A digest taken later, by a worker, would prove what lay on our disk by then. This one is known
when the body has arrived, before anything else has touched the file.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from tempfile import SpooledTemporaryFile
from typing import Any

from flask import Request

IN_MEMORY = 1 << 20


class HashingFile(SpooledTemporaryFile[bytes]):
    """A temporary file that only grows, with the SHA-256 of everything written so far.

    It stays in memory up to 1 MiB, then moves to disk.
    """

    def __init__(self) -> None:
        super().__init__(max_size=IN_MEMORY, mode="w+b")
        self._digest = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        """64 hex digits over all `size` bytes."""
        return self._digest.hexdigest()

    def write(self, content: Any) -> int:
        """Append bytes. Writing anywhere else would leave a digest of bytes that are gone."""
        if self.tell() != self.size:
            raise io.UnsupportedOperation("a hashed file only grows")
        written = super().write(content)
        self._digest.update(content)
        self.size += written
        return written

    def writelines(self, lines: Iterable[Any]) -> None:
        for line in lines:
            self.write(line)

    def truncate(self, size: int | None = None) -> int:
        raise io.UnsupportedOperation("a hashed file only grows")


class EvidenceRequest(Request):
    """A request whose uploaded files carry their digest: `request.files["f"].stream.sha256`."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> HashingFile:
        return HashingFile()
