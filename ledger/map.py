"""The map of all streams, kept so that its root follows quickly when some streams went on.

What the root means and how it is proven says mapproof.py. Here is its bookkeeping: the leaves
in a SQLite table in the order of their keys, and a digest for each prefix of up to 16 bits.
Below such a prefix the few leaves are folded when needed; above it a stream that went on
costs 16 digests. Derived like everything local; whoever replays the log gets the same roots.
"""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ledger.entry import Head
from ledger.mapproof import EMPTY_SUBTREE, MapLeaf, MapProof, map_key
from ledger.merkle import node_digest

# 2^16 prefixes: ten million streams leave 150 leaves below each.
_DEPTH = 16
_KEY_BITS = 256
_CACHE_KIB = 16 * 1024
_TABLES = """
create table if not exists leaves (key blob primary key, length integer, head blob) without rowid;
create table if not exists nodes (place integer primary key, digest blob, single blob);
"""


@dataclass(frozen=True)
class _Node:
    """A subtree: its digest, and the key of the stream below if it is the only one."""

    digest: bytes = EMPTY_SUBTREE
    single: bytes | None = None

    @property
    def is_empty(self) -> bool:
        return self.digest == EMPTY_SUBTREE


_NOTHING = _Node()


class StreamMap:
    """Heads by stream. Not thread-safe: replica.py guards it."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, check_same_thread=False)
        self._closing = weakref.finalize(self, self._database.close)
        self._database.execute("pragma journal_mode = wal")
        self._database.execute("pragma synchronous = off")
        self._database.execute(f"pragma cache_size = -{_CACHE_KIB}")
        self._database.executescript(_TABLES)
        self._stale: set[int] = set()  # prefixes below which a leaf was set

    @property
    def is_empty(self) -> bool:
        return self._database.execute("select 1 from leaves limit 1").fetchone() is None

    def update(self, streams: Iterable[tuple[str, Head]]) -> None:
        """Set where these streams end."""
        for stream, head in streams:
            key = map_key(stream)
            row = (key, head.length, head.digest)
            self._database.execute("insert or replace into leaves values (?, ?, ?)", row)
            self._stale.add(_prefix(key, _DEPTH))

    @property
    def root(self) -> bytes:
        """The root over all streams set so far; costs 16 digests for each that changed."""
        if self._stale:
            self._refresh(self._stale)
            self._stale = set()
            self._database.commit()
        return self._node(0, 0).digest

    def prove(self, stream: str) -> MapProof:
        """What the root says of a stream, or that it has none of this name."""
        key = map_key(stream)
        siblings: list[bytes] = []
        for depth in range(_DEPTH):
            node = self._node(depth, _prefix(key, depth))
            if node.is_empty or node.single is not None:
                return MapProof(stream, self._leaf(node.single), tuple(reversed(siblings)))
            siblings.append(self._node(depth + 1, _prefix(key, depth + 1) ^ 1).digest)
        leaves = self._leaves(_prefix(key, _DEPTH))
        leaf = _descend(leaves, key, siblings)
        return MapProof(stream, leaf, tuple(reversed(siblings)))

    def close(self) -> None:
        self._closing()

    def _refresh(self, prefixes: set[int]) -> None:
        """Compute the subtrees of these prefixes anew, then those above them."""
        for prefix in prefixes:
            self._put(_DEPTH, prefix, _fold(self._leaves(prefix), _DEPTH))
        for depth in reversed(range(_DEPTH)):
            prefixes = {prefix >> 1 for prefix in prefixes}
            for prefix in prefixes:
                pair = (self._node(depth + 1, 2 * prefix), self._node(depth + 1, 2 * prefix + 1))
                self._put(depth, prefix, _join(*pair))

    def _put(self, depth: int, prefix: int, node: _Node) -> None:
        row = ((1 << depth) + prefix, node.digest, node.single)
        self._database.execute("insert or replace into nodes values (?, ?, ?)", row)

    def _node(self, depth: int, prefix: int) -> _Node:
        query = "select digest, single from nodes where place = ?"
        row = self._database.execute(query, ((1 << depth) + prefix,)).fetchone()
        return _Node(*row) if row else _NOTHING

    def _leaf(self, key: bytes | None) -> MapLeaf | None:
        query = "select key, length, head from leaves where key = ?"
        row = self._database.execute(query, (key,)).fetchone() if key else None
        return MapLeaf(row[0], Head(row[1], row[2])) if row else None

    def _leaves(self, prefix: int) -> list[MapLeaf]:
        """The leaves below a prefix of full depth, in the order of their keys."""
        query = "select key, length, head from leaves where key >= ? and key < ? order by key"
        bounds = (_bound(prefix), _bound(prefix + 1))
        return [MapLeaf(key, Head(*head)) for key, *head in self._database.execute(query, bounds)]


def _fold(leaves: Sequence[MapLeaf], depth: int) -> _Node:
    if not leaves:
        return _NOTHING
    if len(leaves) == 1:
        return _Node(leaves[0].digest, leaves[0].key)
    left, right = _halves(leaves, depth)
    return _join(_fold(left, depth + 1), _fold(right, depth + 1))


def _join(left: _Node, right: _Node) -> _Node:
    """One stream below needs no node of its own, and none needs none."""
    if left.is_empty and (right.is_empty or right.single):
        return right
    if right.is_empty and left.single:
        return left
    return _Node(node_digest(left.digest, right.digest))


def _descend(leaves: Sequence[MapLeaf], key: bytes, siblings: list[bytes]) -> MapLeaf | None:
    """Where the path of a key ends among these leaves; adds the siblings on the way."""
    depth = _DEPTH
    while len(leaves) > 1:
        left, right = _halves(leaves, depth)
        leaves, other = (right, left) if _bit(key, depth) else (left, right)
        depth += 1
        siblings.append(_fold(other, depth).digest)
    return leaves[0] if leaves else None


def _halves(leaves: Sequence[MapLeaf], depth: int) -> tuple[list[MapLeaf], list[MapLeaf]]:
    left = [leaf for leaf in leaves if not _bit(leaf.key, depth)]
    return left, list(leaves[len(left) :])


def _bit(key: bytes, depth: int) -> int:
    return key[depth >> 3] >> (7 - (depth & 7)) & 1


def _prefix(key: bytes, depth: int) -> int:
    return int.from_bytes(key, "big") >> (_KEY_BITS - depth)


def _bound(prefix: int) -> bytes:
    """The smallest key with a prefix of full depth; above all keys for one too many."""
    return prefix.to_bytes(3, "big")[1:] if prefix < 1 << _DEPTH else b"\xff" * 33
