"""Evidence files and documents, encrypted beside the log so that any part can be read alone.

    mingan/blob/v1\\n                    15 bytes
    salt                                32 random bytes
    segment 0, segment 1, ...           65,536 bytes of plaintext each, the last one 0 to 65,536;
                                        each as AES-256-GCM ciphertext with its 16-byte tag

    key (32) || prefix (7) = HKDF-SHA-256(secret of the data key, salt, "mingan/blob/v1")
    nonce of segment i     = prefix || i as 4 bytes, big-endian || 1 if it is the last, else 0

This is the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizar 2015): segments cannot
be changed, reordered or dropped, nor the end cut off, and each is authenticated before a
byte of it is returned. Only an empty file has an empty last segment.

A blob is stored as `blob/<SHA-256 of the ciphertext>`; the digest of the plaintext belongs
into a sealed field of the entry that names it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ledger.content import is_blob_name
from ledger.errors import VerificationError
from ledger.seal import DataKey
from ledger.stores.store import Store

SEGMENT_BYTES = 65_536
_MAGIC = b"mingan/blob/v1\n"
_SALT_BYTES = 32
_TAG_BYTES = 16
_PREFIX_BYTES = 7
_HEADER_BYTES = len(_MAGIC) + _SALT_BYTES
_SEALED_BYTES = SEGMENT_BYTES + _TAG_BYTES
# The counter has four bytes: 256 TiB, beyond any video.
_MAX_SEGMENTS = 2**32
# How many segments one request to the store asks for: 4 MiB.
_RUN = 64


@dataclass(frozen=True)
class BlobName:
    """What encrypting a file gives: two digests in hexadecimal and the plaintext's size."""

    blob: str
    sha256: str
    size: int

    @property
    def key(self) -> str:
        return blob_key(self.blob)


def blob_key(name: str) -> str:
    """Where the blob with this name (64 hexadecimal digits) is stored."""
    if not is_blob_name(name):
        raise ValueError(f"not the name of a blob: {name[:80]!r}")
    return f"blob/{name}"


def encrypt_file(source: BinaryIO, target: BinaryIO, key: DataKey) -> BlobName:
    """Encrypt `source` into `target` in one pass, two segments in memory at a time."""
    salt = os.urandom(_SALT_BYTES)
    cipher, size = _Cipher(key, salt), 0
    plain_digest, sealed_digest = sha256(), sha256(_MAGIC + salt)
    target.write(_MAGIC + salt)
    for number, (segment, last) in enumerate(_segments(source)):
        sealed = cipher.seal(number, segment, last)
        target.write(sealed)
        plain_digest.update(segment)
        sealed_digest.update(sealed)
        size += len(segment)
    return BlobName(sealed_digest.hexdigest(), plain_digest.hexdigest(), size)


class BlobReader:
    """Random access to the plaintext of a stored blob. One per request; not for threads."""

    def __init__(self, store: Store, name: BlobName | str, key: DataKey) -> None:
        """`name` is a BlobName or its ciphertext digest. Nothing is read yet."""
        self._store = store
        self._key = blob_key(name if isinstance(name, str) else name.blob)
        self._data_key = key

    @property
    def size(self) -> int:
        """The length of the plaintext; VerificationError if the blob has an impossible one."""
        return self._sealed_size - self._count * _TAG_BYTES

    def read(self, start: int, length: int) -> bytes:
        """`length` plaintext bytes from `start`, fewer only at the end.

        Reads and decrypts the segments they lie in, no others. NotStored if there is no
        such blob, VerificationError if a segment is not what was encrypted.
        """
        if start < 0 or length < 0:
            raise ValueError("a part of a file has a start and a length from 0 upwards")
        stop = min(start + length, self.size)
        if start >= stop:
            return b""
        first, last = start // SEGMENT_BYTES, (stop - 1) // SEGMENT_BYTES
        content = b"".join(self._open(first, last + 1))
        return content[start - first * SEGMENT_BYTES : stop - first * SEGMENT_BYTES]

    def verify(self) -> None:
        """Decrypt everything; also an empty file has a segment that can be wrong."""
        for _ in self._open(0, self._count):
            pass

    def _open(self, first: int, stop: int) -> Iterator[bytes]:
        for start in range(first, stop, _RUN):
            until = min(start + _RUN, stop)
            run = self._store.read(
                self._key, _HEADER_BYTES + start * _SEALED_BYTES, (until - start) * _SEALED_BYTES
            )
            for number in range(start, until):
                at = (number - start) * _SEALED_BYTES
                yield self._open_segment(number, run[at : at + _SEALED_BYTES])

    def _open_segment(self, number: int, sealed: bytes) -> bytes:
        try:
            return self._cipher.open(number, sealed, number == self._count - 1)
        except InvalidTag:
            raise VerificationError(f"segment {number} of {self._key} was changed") from None

    @cached_property
    def _cipher(self) -> _Cipher:
        header = self._store.read(self._key, 0, _HEADER_BYTES)
        if not header.startswith(_MAGIC):
            raise VerificationError(f"{self._key} is not an encrypted file")
        return _Cipher(self._data_key, header[len(_MAGIC) :])

    @cached_property
    def _sealed_size(self) -> int:
        """Of all segments, with their tags."""
        return self._store.size(self._key) - _HEADER_BYTES

    @cached_property
    def _count(self) -> int:
        count, rest = divmod(self._sealed_size, _SEALED_BYTES)
        whole = rest == 0 and count > 0
        if self._sealed_size < _TAG_BYTES or (rest and rest < _TAG_BYTES + min(count, 1)):
            raise VerificationError(f"{self._key} has a length no encrypted file has")
        return count if whole else count + 1


class _Cipher:
    """AES-256-GCM under the key of one file."""

    def __init__(self, key: DataKey, salt: bytes) -> None:
        length = 32 + _PREFIX_BYTES
        material = HKDF(SHA256(), length, salt, _MAGIC.strip()).derive(key.secret)
        self._aead, self._prefix = AESGCM(material[:32]), material[32:]

    def seal(self, number: int, segment: bytes, last: bool) -> bytes:
        return self._aead.encrypt(self._nonce(number, last), segment, None)

    def open(self, number: int, sealed: bytes, last: bool) -> bytes:
        return self._aead.decrypt(self._nonce(number, last), sealed, None)

    def _nonce(self, number: int, last: bool) -> bytes:
        if number >= _MAX_SEGMENTS:
            raise ValueError("a file of more than 256 TiB")
        return self._prefix + number.to_bytes(4, "big") + bytes([last])


def _segments(source: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """Full segments and whether each is the last: known only by reading one ahead."""
    segment = _read_full(source)
    while following := _read_full(source):
        yield segment, False
        segment = following
    yield segment, True


def _read_full(source: BinaryIO) -> bytes:
    """A whole segment unless the source ends: pipes return less than they are asked for."""
    segment = b""
    while len(segment) < SEGMENT_BYTES and (more := source.read(SEGMENT_BYTES - len(segment))):
        segment += more
    return segment
