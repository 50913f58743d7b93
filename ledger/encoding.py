"""Strict text encodings: base64, base64url, hexadecimal, decimal numbers.

Python's decoders forgive: they skip foreign characters and ignore stray bits after the
last byte, so that several texts mean the same bytes. Proofs and file names must have one
spelling, hence every decoder here encodes again and compares.
All of them raise VerificationError for anything but that one spelling.
"""

from __future__ import annotations

import re
from binascii import a2b_base64, b2a_base64

from ledger.errors import VerificationError

# Go's int64, which every other reader of these formats uses for sizes and indices.
MAX_NUMBER = 2**63 - 1
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = str.maketrans("-_", "+/")


def to_base64(content: bytes) -> str:
    """Standard alphabet, padded (signed notes, commits, proofs)."""
    return b2a_base64(content, newline=False).decode("ascii")


def to_base64url(content: bytes) -> str:
    """URL alphabet without padding (everything inside an entry, as RFC 7515 has it)."""
    encoded = b2a_base64(content, newline=False).rstrip(b"=")
    return encoded.translate(_TO_URL).decode("ascii")


def from_base64(text: str) -> bytes:
    """The bytes of a padded standard base64 text."""
    content = _decode(text, text)
    if to_base64(content) != text:
        raise VerificationError(f"not base64: {text[:60]!r}")
    return content


def from_base64url(text: str) -> bytes:
    """The bytes of an unpadded base64url text."""
    content = _decode(text.translate(_FROM_URL) + "=" * (-len(text) % 4), text)
    if to_base64url(content) != text:
        raise VerificationError(f"not base64url: {text[:60]!r}")
    return content


def from_decimal(text: str) -> int:
    """A number from 0 to 2^63-1 in ASCII digits without leading zeros."""
    if not _NUMBER.fullmatch(text) or int(text) > MAX_NUMBER:
        raise VerificationError(f"not a number: {text[:40]!r}")
    return int(text)


def from_utf8(content: bytes) -> str:
    """The text of valid UTF-8 bytes."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise VerificationError("not UTF-8 text") from None


def _decode(standard: str, shown: str) -> bytes:
    try:
        return a2b_base64(standard)
    except ValueError:
        raise VerificationError(f"not base64: {shown[:60]!r}") from None
