"""The content of a sealed entry: an event whose fields only the holder of its key can read.

The payload is one canonical JSON object (RFC 8785) in UTF-8:

    _sd       digests of the fields, sorted (RFC 9901)
    _sd_alg   "sha-256"
    at        when, as its writer claims: 2026-01-31T08:00:00.000Z
    blobs     names of the encrypted files it speaks of
    sealed    base64url of nonce (12) || AES-256-GCM ciphertext || tag (16)
    type      what happened, 1 to 100 printable ASCII characters; public

seal.py makes and opens it. All base64url is unpadded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ledger import canonical
from ledger.canonical import Json
from ledger.encoding import from_base64url
from ledger.entry import PLAIN, Entry
from ledger.errors import VerificationError

# Nonce and tag of AES-256-GCM around an empty text.
_MIN_SEALED_BYTES = 12 + 16
_TYPE = re.compile(r"[!-~]{1,100}", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_BLOB = re.compile(r"[0-9a-f]{64}", re.ASCII)


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
class Content:
    """What a sealed entry shows to everybody; `sd` keeps the text form RFC 9901 compares."""

    type: str
    at: str
    sd: tuple[str, ...] = field(repr=False)
    sealed: bytes = field(repr=False)
    blobs: tuple[str, ...]


def read_content(entry: Entry) -> Content:
    """The content of a sealed entry; VerificationError if it is plain or malformed."""
    if entry.kid == PLAIN:
        raise VerificationError(f"entry {entry.index} is not sealed")
    try:
        return _read(canonical.loads(entry.payload))
    except VerificationError as error:
        raise VerificationError(f"entry {entry.index}: {error}") from None


def is_content(payload: bytes) -> bool:
    """Whether a payload is one that seal.py made, or looks like it."""
    try:
        _read(canonical.loads(payload))
    except VerificationError:
        return False
    return True


def is_type(text: object) -> bool:
    return isinstance(text, str) and _TYPE.fullmatch(text) is not None


def is_time(text: object) -> bool:
    """RFC 3339 in UTC with exactly three decimals, and a moment that exists."""
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        return False
    try:
        return datetime.fromisoformat(text).year > 0
    except ValueError:
        return False


def is_blob_name(text: object) -> bool:
    return isinstance(text, str) and _BLOB.fullmatch(text) is not None


def _read(parts: Any) -> Content:
    if not isinstance(parts, dict) or parts.keys() != _FORM.keys():
        raise VerificationError("not the keys of a sealed payload")
    for key, fits in _FORM.items():
        if not fits(parts[key]):
            raise VerificationError(f"{key} is malformed")
    return Content(
        type=parts["type"],
        at=parts["at"],
        sd=tuple(parts["_sd"]),
        sealed=_sealed(parts["sealed"]),
        blobs=tuple(parts["blobs"]),
    )


def _sealed(text: str) -> bytes:
    sealed = from_base64url(text)
    if len(sealed) < _MIN_SEALED_BYTES:
        raise VerificationError("the sealed part is too short to be one")
    return sealed


def _is_digest_list(value: object) -> bool:
    """Sorted and without repetition, as RFC 9901 asks: the order must tell nothing."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        return False
    return all(len(each) == 43 for each in value) and sorted(set(value)) == value


def _is_blob_list(value: object) -> bool:
    return isinstance(value, list) and all(map(is_blob_name, value))


# Every key and what it must look like before it is decoded.
_FORM: Mapping[str, Callable[[object], bool]] = {
    "_sd": _is_digest_list,
    "_sd_alg": lambda value: value == "sha-256",
    "at": is_time,
    "blobs": _is_blob_list,
    "sealed": lambda value: isinstance(value, str),
    "type": is_type,
}
