"""What can be said of one commit without knowing those before it: most of the work of a check.

Another process does it while the first follows streams and compares tiles (fsck.py). All it
takes on trust is what the commit before states as its end, which was examined in its turn.
"""

from __future__ import annotations

import pickle
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ledger.commit import CommitHeader, Tip, follow, parse_commit
from ledger.content import read_content
from ledger.entry import PLAIN, Entry, lines_of
from ledger.erasure import ERASED, erased_in
from ledger.merkle import HASH_BYTES, Growth, leaf_digest
from ledger.places import Places

_PLAIN = b" " + PLAIN.encode()


@dataclass(frozen=True)
class Examined:
    """A commit that is sound in itself; long lists are joined so that they travel fast."""

    header: CommitHeader
    tip: Tip
    growth: Growth
    joined_lines: bytes
    joined_leaves: bytes
    sizes: array[int]  # length of each entry
    blobs: tuple[tuple[str, int], ...]  # names of files, and the first entry that has each
    kids: frozenset[str]  # keys that seal entries
    erased: frozenset[str]  # keys that entries say were destroyed

    @property
    def lines(self) -> list[bytes]:
        return self.joined_lines.split(b"\n")

    @property
    def leaves(self) -> list[bytes]:
        ends = range(HASH_BYTES, len(self.joined_leaves) + 1, HASH_BYTES)
        return [self.joined_leaves[end - HASH_BYTES : end] for end in ends]


def examine(content: bytes, before: Tip) -> Examined:
    """Read a commit that continues `before`; VerificationError if it does not, or is malformed."""
    commit = parse_commit(content)
    leaves = list(map(leaf_digest, commit.entries))
    growth = follow(before, commit, leaves)
    first = commit.header.first
    lines = lines_of(first, commit.entries)
    sealed = [at for at, line in enumerate(lines) if not line.endswith(_PLAIN)]
    blobs = _blobs(Entry(first + at, commit.entries[at]) for at in sealed)
    return Examined(
        header=commit.header,
        tip=commit.tip,
        growth=growth,
        joined_lines=b"\n".join(lines),
        joined_leaves=b"".join(leaves),
        sizes=array("H", map(len, commit.entries)),
        blobs=blobs,
        kids=frozenset(lines[at].rpartition(b" ")[2].decode("ascii", "replace") for at in sealed),
        erased=frozenset(kid for raw in commit.entries if ERASED in raw for kid in erased_in(raw)),
    )


def _blobs(entries: Iterable[Entry]) -> tuple[tuple[str, int], ...]:
    """Every file that sealed entries name; VerificationError if one of them is malformed."""
    found: dict[str, int] = {}
    for entry in entries:
        for name in read_content(entry).blobs:
            found.setdefault(name, entry.index)
    return tuple(found.items())


def examine_given(given: Path, length: int, before: Tip, found: Path) -> int:
    """The same between two processes: leaves what it finds in a file, and tells its length.

    Files that are written over and over are many times faster than a pipe.
    """
    examined = pickle.dumps(examine(Places(given).read(length, 0), before))
    Places(found).write(examined, 0)
    return len(examined)


def take_found(found: Path, length: int) -> Examined:
    """What another process of ours found."""
    examined = pickle.loads(Places(found).read(length, 0))  # noqa: S301 - our own folder
    assert isinstance(examined, Examined)
    return examined
