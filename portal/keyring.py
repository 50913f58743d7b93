"""Data keys: one per case, order, session and panel, wrapped by this installation's master key.

A wrapped key is an object `keys/<kid>` beside the log, never inside it and never under a
retention lock: destroying it erases what it sealed, and every proof stays valid. The kid is random
and says nothing about the person.
"""

from __future__ import annotations

import os
import secrets
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger import DataKey, NotStored, Store

_WRAPPED_AS = b"mingan/key/v1"
_CACHED = 4096


class KeyDestroyed(Exception):
    """The data key is gone; what it sealed cannot be read by anybody."""


class Keyring:
    """Makes and finds data keys. Thread-safe."""

    def __init__(self, store: Store, master: bytes) -> None:
        self._store = store
        self._master = AESGCM(master)
        self._cached = lru_cache(_CACHED)(self._unwrap)

    def make(self) -> DataKey:
        """A fresh key, durable before it is returned."""
        key = DataKey(kid=secrets.token_hex(16), secret=AESGCM.generate_key(256))
        nonce = os.urandom(12)
        wrapped = nonce + self._master.encrypt(nonce, key.secret, self._bound(key.kid))
        self._store.create(f"keys/{key.kid}", wrapped)
        return key

    def find(self, kid: str) -> DataKey:
        """The key of this id. Raises KeyDestroyed."""
        return self._cached(kid)

    def forget(self) -> None:
        """Drop what is remembered: a key may have been destroyed by another process."""
        self._cached.cache_clear()

    def _unwrap(self, kid: str) -> DataKey:
        try:
            wrapped = self._store.get(f"keys/{kid}")
        except NotStored:
            raise KeyDestroyed(kid) from None
        secret = self._master.decrypt(wrapped[:12], wrapped[12:], self._bound(kid))
        return DataKey(kid=kid, secret=secret)

    @staticmethod
    def _bound(kid: str) -> bytes:
        return _WRAPPED_AS + b"\n" + kid.encode()
