"""A commit: one object that adds entries to the log, and the only truth of the store.

    mingan/commit/v2
    1                                   <- number of this commit, its key is commit/<20 digits>
    47DEQpj8HBSa+/TImW+5JCeuQeRk...=    <- SHA-256 of the whole previous commit object
    2 5                                 <- index of the first entry here, size of the tree after it
    Ryl3...=                            <- root of that tree
    8g3M...=,Lx0q...=                   <- its compact range, left to right (see merkle.py)
    9f86d081884c7d659a2feaa0c55ad015    <- nonce: half names the writer, half this attempt
                                        <- empty line, then the entries as an entry bundle

The key is created, never replaced: of two writers racing for a number one wins, so commits
are totally ordered without a lock. The nonce tells a writer whose answer was lost whether
the object that is there is its own. From the last commit alone a writer could go on.

`Tip` is what the next commit must continue. The same `follow` accepts a commit that was
just written, one that another process wrote, and one read back after a crash.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from ledger.encoding import from_base64, from_decimal, from_utf8, to_base64
from ledger.errors import VerificationError
from ledger.merkle import HASH_BYTES, CompactRange, Growth, grow
from ledger.tiles import join_entries, split_entries

# Seven lines; 63 peaks of 45 characters are the longest a header can be.
MAX_HEADER_BYTES = 4_096
_TITLE = "mingan/commit/v2"
_NONCE = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True)
class CommitHeader:
    """What a commit says about itself; `range` is the tree after it."""

    number: int
    previous: bytes
    first: int
    range: CompactRange
    root: bytes
    nonce: str

    @property
    def writer(self) -> str:
        """Which process made it, as far as it says."""
        return self.nonce[:16]


@dataclass(frozen=True)
class Commit:
    """A commit object; `raw` is the whole of it."""

    header: CommitHeader
    entries: tuple[bytes, ...] = field(repr=False)
    raw: bytes = field(repr=False)

    @property
    def key(self) -> str:
        return commit_key(self.header.number)

    @property
    def tip(self) -> Tip:
        """What the next commit must continue."""
        return Tip(self.header.number + 1, sha256(self.raw).digest(), self.header.range)


@dataclass(frozen=True)
class Tip:
    """The end of the commits known so far: number of the next, digest of the last, tree."""

    number: int = 0
    digest: bytes = bytes(HASH_BYTES)
    range: CompactRange = field(default_factory=CompactRange)


def commit_key(number: int) -> str:
    return f"commit/{number:020}"


def write_commit(
    tip: Tip, entries: Sequence[bytes], leaf_hashes: Iterable[bytes], nonce: str
) -> tuple[Commit, Growth]:
    """The commit that adds these entries at the tip; costs one hash per entry."""
    growth = grow(tip.range, leaf_hashes)
    header = CommitHeader(
        tip.number, tip.digest, tip.range.size, growth.after, growth.after.root, nonce
    )
    raw = _format(header).encode("ascii") + join_entries(entries)
    return Commit(header, tuple(entries), raw), growth


def follow(tip: Tip, commit: Commit, leaf_hashes: Iterable[bytes]) -> Growth:
    """What a commit adds to the tree; VerificationError if it does not continue the tip."""
    header = commit.header
    if (header.number, header.first) != (tip.number, tip.range.size):
        raise VerificationError(f"{commit.key}: does not start where the one before ends")
    if header.previous != tip.digest:
        raise VerificationError(f"{commit.key}: names another previous commit than is stored")
    growth = grow(tip.range, leaf_hashes)
    if (header.range, header.root) != (growth.after, growth.after.root):
        raise VerificationError(f"{commit.key}: states another root than its entries have")
    return growth


def parse_commit(content: bytes) -> Commit:
    """A commit from its bytes; nothing is compared with other commits yet."""
    header, start = _parse(content)
    entries = split_entries(content[start:])
    if not entries or header.range.size - header.first != len(entries):
        raise VerificationError("a commit states another number of entries than it holds")
    return Commit(header, entries, content)


def parse_header(content: bytes) -> CommitHeader:
    """The header from the first MAX_HEADER_BYTES (or more) of a commit."""
    return _parse(content)[0]


def _format(header: CommitHeader) -> str:
    peaks = ",".join(map(to_base64, header.range.peaks))
    return (
        f"{_TITLE}\n{header.number}\n{to_base64(header.previous)}\n"
        f"{header.first} {header.range.size}\n{to_base64(header.root)}\n{peaks}\n"
        f"{header.nonce}\n\n"
    )


def _parse(content: bytes) -> tuple[CommitHeader, int]:
    text, gap, _ = content[:MAX_HEADER_BYTES].partition(b"\n\n")
    lines = from_utf8(text).split("\n")
    if not gap or len(lines) != 7 or lines[0] != _TITLE or not _NONCE.fullmatch(lines[6]):
        raise VerificationError("not a commit")
    _, number, previous, sizes, root, peaks, nonce = lines
    first, _, size = sizes.partition(" ")
    header = CommitHeader(
        number=from_decimal(number),
        previous=_hash(previous),
        first=from_decimal(first),
        range=CompactRange(from_decimal(size), tuple(map(_hash, peaks.split(",")))),
        root=_hash(root),
        nonce=nonce,
    )
    return header, len(text) + len(gap)


def _hash(text: str) -> bytes:
    digest = from_base64(text)
    if len(digest) != HASH_BYTES:
        raise VerificationError("a hash in a commit is not 32 bytes long")
    return digest
