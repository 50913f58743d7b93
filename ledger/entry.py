"""An entry: the bytes of a leaf. Which stream it continues, and what its writer put in.

    mingan/entry/v2
    case/1 4 <prev> <command> 1/2 case-1-key     <- one line, single spaces
    ...                                          <- the payload: any bytes, to the end

stream, number in the stream, leaf hash of the entry before in the stream (`-` for the first),
SHA-256 of the idempotency key, part of the command, and the data key that seals the payload
(`-`: it is plain). Hashes are base64. The line is what the ledger itself relies on, so it is
short, has one spelling, and is never canonicalised again: the bytes are hashed as they stand.

An entry names its place in its stream but not its index in the log, so that a writer who
loses a race can offer the same bytes again at the next number.
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple

from ledger.encoding import from_base64
from ledger.errors import EntryTooLarge, VerificationError
from ledger.merkle import leaf_digest

_TITLE = b"mingan/entry/v2\n"
_LINE = len(_TITLE)
# How streams and keys begin that the ledger uses itself. Nobody else may: whoever took the key
# of the next map entry would have it recorded twice.
OWN = "ledger/"
# C2SP tlog-tiles frames an entry with a two-byte length.
MAX_ENTRY_BYTES = 65_535
# More would not be one decision; and everything a command appends is one object.
MAX_PARTS = 65_536
PLAIN = "-"

# One alternative for each part of the line. The last character of 32 bytes in base64 has two
# bits to spare, which must be zero: there is one spelling.
_HASH = rb"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="
_HEADER = re.compile(
    rb"mingan/entry/v2\n([!-~]{1,200}) (0|[1-9][0-9]{0,15}) (-|%(hash)s) (%(hash)s) "
    rb"([1-9][0-9]{0,4})/([1-9][0-9]{0,4}) (-|[A-Za-z0-9_][A-Za-z0-9._-]{0,127})\n"
    % {b"hash": _HASH}
)
_STREAM = re.compile(r"[!-~]{1,200}", re.ASCII)
_KID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", re.ASCII)


class Head(NamedTuple):
    """Where a stream ends: how many entries it has, and the leaf hash of the last."""

    length: int
    digest: bytes


EMPTY = Head(0, b"")


class Header(NamedTuple):
    """The line of an entry, read. `prev` and `command` are 32 bytes, `prev` b"" if first."""

    stream: str
    seq: int
    prev: bytes
    command: bytes
    part: tuple[int, int]
    kid: str
    payload_at: int

    @property
    def expected(self) -> Head:
        """Where its writer took the stream to end."""
        return Head(self.seq, self.prev)


@dataclass(frozen=True)
class Entry:
    """An entry at its index. Made by `parse_entry`, which refuses what is not one."""

    index: int
    raw: bytes = field(repr=False)

    @cached_property
    def header(self) -> Header:
        return read_header(self.raw)

    @property
    def stream(self) -> str:
        return self.header.stream

    @property
    def seq(self) -> int:
        return self.header.seq

    @property
    def prev(self) -> bytes:
        return self.header.prev

    @property
    def command(self) -> bytes:
        return self.header.command

    @property
    def part(self) -> tuple[int, int]:
        return self.header.part

    @property
    def kid(self) -> str:
        return self.header.kid

    @property
    def payload(self) -> bytes:
        return self.raw[self.header.payload_at :]

    @cached_property
    def leaf_hash(self) -> bytes:
        return leaf_digest(self.raw)

    @cached_property
    def head(self) -> Head:
        """The head of the stream once this entry is its last."""
        return Head(self.seq + 1, self.leaf_hash)


def known_entry(index: int, raw: bytes, head: Head) -> Entry:
    """The same for a writer, who need not read what it has just written."""
    entry = Entry(index, raw)
    vars(entry).update(leaf_hash=head.digest, head=head)
    return entry


def parse_entry(index: int, raw: bytes) -> Entry:
    """The entry in these bytes; VerificationError unless it has exactly this form."""
    entry = Entry(index, raw)
    try:
        entry.header  # noqa: B018 - reads and keeps it
    except VerificationError as error:
        raise VerificationError(f"entry {index}: {error}") from None
    return entry


def read_header(raw: bytes) -> Header:
    """The line of an entry; VerificationError if it is malformed."""
    found = _HEADER.match(raw)
    if found is None or len(raw) > MAX_ENTRY_BYTES:
        raise VerificationError("not an entry of this ledger")
    stream, seq, prev, command, number, count, kid = (part.decode() for part in found.groups())
    if (seq == "0") != (prev == "-") or not int(number) <= int(count) <= MAX_PARTS:
        raise VerificationError("its place in the stream or in the command cannot be")
    return Header(
        stream,
        int(seq),
        from_base64(prev) if prev != "-" else b"",
        from_base64(command),
        (int(number), int(count)),
        kid,
        found.end(),
    )


def chain_entries(
    stream: str, expected: Head, payloads: Sequence[bytes], command: bytes, kid: str = PLAIN
) -> tuple[list[bytes], list[bytes]]:
    """The entries that continue a stream from a head, and their leaf hashes.

    ValueError for a malformed stream, key name or number of payloads; EntryTooLarge.
    """
    count = len(payloads)
    if not (is_stream(stream) and (kid == PLAIN or is_kid(kid)) and 0 < count <= MAX_PARTS):
        raise ValueError(f"not a stream with 1 to {MAX_PARTS} payloads: {stream!r}")
    start, shown = b"mingan/entry/v2\n%b " % stream.encode(), b2a_base64(command, newline=False)
    seq, prev = expected.length, b"-"
    if seq:
        prev = b2a_base64(expected.digest, newline=False)
    entries, leaves = [], []
    for number, payload in enumerate(payloads, 1):
        place = (start, seq, prev, shown, number, count, kid.encode(), payload)
        raw = b"%b%d %b %b %d/%d %b\n%b" % place
        leaf = sha256(b"\x00" + raw).digest()
        entries.append(raw)
        leaves.append(leaf)
        seq, prev = seq + 1, b2a_base64(leaf, newline=False)
    if max(map(len, entries)) > MAX_ENTRY_BYTES:
        raise EntryTooLarge(f"an entry may be at most {MAX_ENTRY_BYTES} bytes long")
    return entries, leaves


def lines_of(first: int, entries: Sequence[bytes]) -> list[bytes]:
    """The lines of consecutive entries, for chains.py; VerificationError if one has none."""
    if max(map(len, entries), default=0) > MAX_ENTRY_BYTES:
        raise VerificationError(f"an entry from {first} on is too long")
    try:
        lines = [raw[_LINE : raw.index(b"\n", _LINE)] for raw in entries if raw[:_LINE] == _TITLE]
    except ValueError:
        lines = []
    if len(lines) != len(entries):
        raise VerificationError(f"an entry from {first} on is not one of this ledger")
    return lines


def command_digest(key: str) -> bytes:
    """What stands for an idempotency key in an entry."""
    return sha256(key.encode("utf-8")).digest()


def is_stream(text: object) -> bool:
    return isinstance(text, str) and _STREAM.fullmatch(text) is not None


def is_kid(text: object) -> bool:
    return isinstance(text, str) and _KID.fullmatch(text) is not None
