"""What becomes of the bytes that `append` is given.

    a JSON object     its fields, each to be shown alone; if it has a field `type` of 1 to 100
                      printable ASCII characters, that is the public type of the entry
    any other text    one field `text`
    other bytes       one field `base64`

The public type is `note` otherwise. JSON that two readers may understand differently (repeated
keys, fractions, whole numbers beyond 2^53) is kept as text. With --plain bytes stay bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from ledger import canonical
from ledger.canonical import Json
from ledger.content import Draft, is_type
from ledger.encoding import to_base64
from ledger.entry import MAX_PARTS
from ledger.errors import VerificationError

NOTE = "note"
# One command is one object of the store, written at once: this many bytes of lines at most,
# which sealing makes about three times as many if they are short.
_CHUNK_BYTES = 8 << 20
_STANDARD_INPUT = "-"
_RESERVED = frozenset({"_sd", "..."})  # RFC 9901 section 4.2.1


def read_all(name: str) -> bytes:
    """The whole file, `-` for standard input."""
    return sys.stdin.buffer.read() if name == _STANDARD_INPUT else Path(name).read_bytes()


def chunks(name: str) -> Iterator[list[bytes]]:
    """The lines of a file without their ends, as many at once as one command takes."""
    if name == _STANDARD_INPUT:
        yield from _chunks(sys.stdin.buffer)
    else:
        with Path(name).open("rb") as file:
            yield from _chunks(file)


def sealed_drafts(contents: Sequence[bytes]) -> list[Draft]:
    """The events that record these contents, as of now."""
    now = datetime.now(UTC)
    at = f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03}Z"
    return [draft_of(content, at) for content in contents]


def draft_of(content: bytes, at: str) -> Draft:
    """The event that records one content."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return Draft(NOTE, at, {"base64": to_base64(content)})
    fields = _object(text) if text.lstrip()[:1] == "{" else None
    if fields is None:
        return Draft(NOTE, at, {"text": text})
    kind = fields.get("type")
    if not isinstance(kind, str) or not is_type(kind):
        return Draft(NOTE, at, fields)
    return Draft(kind, at, {name: value for name, value in fields.items() if name != "type"})


def _object(text: str) -> Mapping[str, Json] | None:
    """The fields of a JSON object, if they can be kept as such."""
    try:
        value = canonical.loads(text)
        canonical.dumps(value)
    except (VerificationError, ValueError, TypeError):
        return None
    return value if isinstance(value, dict) and not _RESERVED & value.keys() else None


def _chunks(file: BinaryIO) -> Iterator[list[bytes]]:
    while lines := _some_lines(file):
        for at in range(0, len(lines), MAX_PARTS):
            yield [line.removesuffix(b"\n") for line in lines[at : at + MAX_PARTS]]


def _some_lines(file: BinaryIO) -> list[bytes]:
    """Lines of about so many bytes, the last one whole; always the same of the same file."""
    return file.readlines(_CHUNK_BYTES)
