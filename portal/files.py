"""Encrypted files beside the log: evidence, replays, documents. Stored before they are named."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import BinaryIO

from ledger import BlobReader, Store, encrypt_file
from portal.events import FileRef
from portal.keyring import Keyring

SPOOLED_BYTES = 1 << 20


class Files:
    """Puts files into the store and reads them back, whole or by range. Thread-safe."""

    def __init__(self, store: Store, keyring: Keyring, scratch: Path) -> None:
        self._store = store
        self._keyring = keyring
        self._scratch = scratch
        scratch.mkdir(parents=True, exist_ok=True)

    def put(self, source: BinaryIO, kid: str, media_type: str) -> FileRef:
        """Encrypt a stream under a data key and make it durable; costs no memory."""
        with tempfile.NamedTemporaryFile(dir=self._scratch) as target:
            sealed = encrypt_file(source, target, self._keyring.find(kid))
            target.flush()
            self._store.add_file(f"blob/{sealed.blob}", Path(target.name))
        return FileRef(
            blob=sealed.blob,
            kid=kid,
            sha256=sealed.sha256,
            size=sealed.size,
            media_type=media_type,
        )

    def put_bytes(self, content: bytes, kid: str, media_type: str) -> FileRef:
        with tempfile.SpooledTemporaryFile(max_size=SPOOLED_BYTES) as source:
            source.write(content)
            source.seek(0)
            return self.put(source, kid, media_type)

    def read(self, ref: FileRef, start: int = 0, length: int | None = None) -> bytes:
        """Plaintext of a range; only the segments it needs are fetched and authenticated."""
        reader = BlobReader(self._store, ref.blob, self._keyring.find(ref.kid))
        return reader.read(start, ref.size - start if length is None else length)
