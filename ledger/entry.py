"""An entry: one event of one stream, sealed; the bytes of a leaf of the tree.

The package docstring shows the JSON. `raw` is what is stored, hashed and proven; parsing
never changes it. An entry names its place in its stream (`seq`, and `prev`, the leaf hash
of the entry before), but not its index in the log: it can be built before the log decides
where it goes, and a lost race for a commit does not change it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Any

from ledger import canonical
from ledger.canonical import Json
from ledger.encoding import from_base64url
from ledger.errors import VerificationError
from ledger.merkle import HASH_BYTES, leaf_digest

VERSION = 1
# C2SP tlog-tiles frames an entry with a two-byte length.
MAX_ENTRY_BYTES = 65_535
# More would not be one decision; and everything a command appends is one object.
MAX_PARTS = 4_096
# Nonce and tag of AES-256-GCM around an empty text.
_MIN_SEALED_BYTES = 12 + 16

_STREAM = re.compile(r"[!-~]{1,200}", re.ASCII)
_TYPE = re.compile(r"[!-~]{1,100}", re.ASCII)
_KID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


@dataclass(frozen=True)
class Head:
    """Where a stream ends: how many entries it has, and the leaf hash of the last."""

    length: int
    digest: bytes


EMPTY = Head(0, b"")


@dataclass(frozen=True)
class Draft:
    """An event to be recorded. ValueError if a public part is malformed.

    `at` is RFC 3339 in UTC with milliseconds (2026-01-31T08:00:00.000Z); `fields` are
    sealed; `type` and `blobs` (names of ciphertext files, hex) stay readable for all.
    """

    type: str
    at: str
    fields: Mapping[str, Json]
    blobs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not is_type(self.type) or not is_time(self.at):
            raise ValueError(f"not an event type with a time: {self.type!r} at {self.at!r}")
        if any(not is_blob_name(name) for name in self.blobs):
            raise ValueError("a blob is named by the 64 hexadecimal digits of its SHA-256")


@dataclass(frozen=True)
class Entry:
    """A parsed entry. Digests are bytes; `sd` keeps the text form RFC 9901 compares."""

    index: int
    raw: bytes = field(repr=False)
    stream: str
    seq: int
    prev: bytes
    type: str
    at: str
    cmd: bytes
    part: tuple[int, int]
    kid: str
    sd: tuple[str, ...] = field(repr=False)
    sealed: bytes = field(repr=False)
    blobs: tuple[str, ...]

    @cached_property
    def leaf_hash(self) -> bytes:
        return leaf_digest(self.raw)

    @property
    def head(self) -> Head:
        """The head of the stream once this entry is its last."""
        return Head(self.seq + 1, self.leaf_hash)


def command_digest(key: str) -> bytes:
    """What stands for an idempotency key in an entry."""
    return sha256(key.encode("utf-8")).digest()


def parse_entry(index: int, raw: bytes) -> Entry:
    """The entry in these bytes; VerificationError unless it has exactly this form."""
    if len(raw) > MAX_ENTRY_BYTES:
        raise VerificationError(f"entry {index} is longer than {MAX_ENTRY_BYTES} bytes")
    try:
        return _read(index, raw, canonical.loads(raw))
    except VerificationError as error:
        raise VerificationError(f"entry {index}: {error}") from None


def is_stream(text: object) -> bool:
    return isinstance(text, str) and _STREAM.fullmatch(text) is not None


def is_type(text: object) -> bool:
    return isinstance(text, str) and _TYPE.fullmatch(text) is not None


def is_kid(text: object) -> bool:
    return isinstance(text, str) and _KID.fullmatch(text) is not None


def is_time(text: object) -> bool:
    """RFC 3339 in UTC with exactly three decimals, and a moment that exists."""
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        return False
    try:
        return datetime.fromisoformat(text).year > 0
    except ValueError:
        return False


def is_blob_name(text: object) -> bool:
    return isinstance(text, str) and re.fullmatch(r"[0-9a-f]{64}", text) is not None


def _read(index: int, raw: bytes, parts: Any) -> Entry:
    if not isinstance(parts, dict) or parts.keys() != _FORM.keys():
        raise VerificationError("not the keys of an entry")
    for key, fits in _FORM.items():
        if not fits(parts[key]):
            raise VerificationError(f"{key} is malformed")
    seq, prev = parts["seq"], _digest_or_empty(parts["prev"])
    if (seq == 0) != (prev == b""):
        raise VerificationError("only the first entry of a stream has no previous one")
    return Entry(
        index=index,
        raw=raw,
        stream=parts["stream"],
        seq=seq,
        prev=prev,
        type=parts["type"],
        at=parts["at"],
        cmd=_digest(parts["cmd"]),
        part=(parts["part"][0], parts["part"][1]),
        kid=parts["kid"],
        sd=tuple(parts["_sd"]),
        sealed=_sealed(parts["sealed"]),
        blobs=tuple(parts["blobs"]),
    )


def _digest(text: str) -> bytes:
    digest = from_base64url(text)
    if len(digest) != HASH_BYTES:
        raise VerificationError("a digest is 32 bytes long")
    return digest


def _digest_or_empty(text: str) -> bytes:
    return _digest(text) if text else b""


def _sealed(text: str) -> bytes:
    sealed = from_base64url(text)
    if len(sealed) < _MIN_SEALED_BYTES:
        raise VerificationError("the sealed part is too short to be one")
    return sealed


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value <= canonical.MAX_INTEGER


def _is_part(value: object) -> bool:
    if not isinstance(value, list) or len(value) != 2 or not all(map(_is_count, value)):
        return False
    return bool(1 <= value[0] <= value[1] <= MAX_PARTS)


def _is_digest_list(value: object) -> bool:
    """Sorted and without repetition, as RFC 9901 asks: the order must tell nothing."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        return False
    return all(len(each) == 43 for each in value) and sorted(set(value)) == value


def _is_blob_list(value: object) -> bool:
    return isinstance(value, list) and all(map(is_blob_name, value))


# Every key of an entry and what it must look like before it is decoded.
_FORM: Mapping[str, Callable[[object], bool]] = {
    "v": lambda value: type(value) is int and value == VERSION,
    "stream": is_stream,
    "seq": _is_count,
    "prev": _is_text,
    "type": is_type,
    "at": is_time,
    "cmd": _is_text,
    "part": _is_part,
    "kid": is_kid,
    "_sd_alg": lambda value: value == "sha-256",
    "_sd": _is_digest_list,
    "sealed": _is_text,
    "blobs": _is_blob_list,
}
