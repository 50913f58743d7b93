"""Entries and commits that no honest writer makes: right in themselves, wrong where they stand."""

from __future__ import annotations

from hashlib import sha256

from ledger import Store
from ledger.commit import Tip, parse_commit, write_commit
from ledger.encoding import to_base64
from ledger.merkle import leaf_digest


def an_entry(
    stream: str = "case/1",
    seq: int = 0,
    prev: bytes = b"",
    key: str = "forged",
    part: str = "1/1",
    kid: str = "-",
    payload: bytes = b"",
) -> bytes:
    """The bytes of an entry, whatever they say."""
    before = to_base64(prev) if prev else "-"
    command = to_base64(sha256(key.encode()).digest())
    return f"mingan/entry/v2\n{stream} {seq} {before} {command} {part} {kid}\n".encode() + payload


def forge(store: Store, *entries: bytes) -> None:
    """Add a commit with these entries, its links and roots as they must be."""
    commit, _ = write_commit(tip_of(store), entries, map(leaf_digest, entries), "0" * 32)
    assert store.create(commit.key, commit.raw, keep=True)


def tip_of(store: Store) -> Tip:
    """Where the next commit goes on."""
    tip = Tip()
    for key in store.keys("commit/"):
        tip = parse_commit(store.get(key)).tip
    return tip
