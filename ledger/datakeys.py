"""Data keys of the command line: one for each stream, wrapped by a master key kept elsewhere.

    keys/<kid>    nonce (12) || AES-256-GCM ciphertext of the 32-byte data key || tag (16)
                  under the master key, with the associated data mingan/key/v1\\n<kid>

The name of a key is random and says nothing about the stream. Deleting the object erases what
the key sealed; the master key alone opens nothing then. Which key a stream has stands in its
own sealed entries; a note in a local folder saves reading them.

Threats: whoever copies the store cannot read it (the master key is not in it); a wrapped key
that is put under another's name does not open (the name is authenticated).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.entry import PLAIN, Entry, is_kid
from ledger.errors import NotStored, VerificationError
from ledger.seal import DataKey
from ledger.stores.store import Store
from ledger.witnessing.durable import replace_file

_NONCE_BYTES = 12
_KEY_BYTES = 32


class KeyElsewhere(VerificationError):
    """The data key is there, but wrapped by another master key."""


class DataKeys:
    """Makes and finds the data keys in a store."""

    def __init__(self, store: Store, master: bytes, notes: Path) -> None:
        """`master` is 32 secret bytes; `notes` a private folder, made when first needed."""
        self._store = store
        self._master = AESGCM(master)
        self._notes = notes

    def make(self) -> DataKey:
        """A fresh key, stored before it is returned."""
        key = DataKey(secrets.token_hex(16), secrets.token_bytes(_KEY_BYTES))
        nonce = os.urandom(_NONCE_BYTES)
        wrapped = nonce + self._master.encrypt(nonce, key.secret, _bound(key.kid))
        self._store.create(_place(key.kid), wrapped)
        return key

    def find(self, kid: str) -> DataKey:
        """The key of this name; NotStored if it is destroyed, KeyElsewhere if not ours to open."""
        wrapped = self._store.get(_place(kid))
        nonce, sealed = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
        try:
            secret = self._master.decrypt(nonce, sealed, _bound(kid))
            return DataKey(kid, secret)
        except (InvalidTag, ValueError):
            raise KeyElsewhere(f"the data key {kid} is wrapped by another master key") from None

    def of_stream(self, stream: str) -> DataKey | None:
        """The key noted for a stream, if it still opens."""
        note = self._note(stream)
        kid = note.read_bytes().decode("ascii", "replace").strip() if note.is_file() else PLAIN
        return self._opened(kid)

    def last_used(self, entries: Iterable[Entry]) -> DataKey | None:
        """The key of the last sealed entry among these, if it still opens."""
        kids = [entry.kid for entry in entries if entry.kid != PLAIN]
        return self._opened(kids[-1]) if kids else None

    def note(self, stream: str, key: DataKey) -> None:
        """Remember which key a stream has."""
        self._notes.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(self._note(stream), f"{key.kid}\n".encode("ascii"))

    def _opened(self, kid: str) -> DataKey | None:
        try:
            return self.find(kid) if is_kid(kid) else None
        except (NotStored, KeyElsewhere):
            return None

    def _note(self, stream: str) -> Path:
        return self._notes / sha256(stream.encode()).hexdigest()


def _place(kid: str) -> str:
    return f"keys/{kid}"


def _bound(kid: str) -> bytes:
    return b"mingan/key/v1\n" + kid.encode()
