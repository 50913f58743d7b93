"""Comparing tiles and entry bundles with what the entries give, while walking the commits.

Full ones are compared as soon as the commits have filled them; partial ones belong to the
right edge of a published size and are looked up afterwards, against the tree.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from ledger.checking.finding import Finding, broken, note
from ledger.checking.walk import Step, Walk
from ledger.errors import NotStored, VerificationError
from ledger.merkle import HASH_BYTES, leaf_digest
from ledger.stores.store import Store
from ledger.tiles import WIDTH, Bundle, Tile, join_entries, new_tiles, right_edge, split_entries

_LENGTH_BYTES = 2


class TileCheck:
    """Follows a walk. `published` is the largest size whose tiles must be there."""

    def __init__(self, store: Store, walk: Walk, published: int, repair: bool) -> None:
        self._store = store
        self._walk = walk
        self._tree = walk.tree
        self._published = published
        self._repair = repair
        self._framed = bytearray()  # entries since the last full bundle, as bundles have them
        self._sizes = array("H")
        self._leaves = bytearray()
        self.checked = 0
        self.named = set[str]()  # partial ones that were found wrong

    def follow(self, step: Step) -> Iterator[Finding]:
        """Compare what this commit fills; the tree has its entries already."""
        after = step.examined.header.range.size
        before = step.examined.header.first
        self._framed += step.content[-_framed_length(step.examined.sizes) :]
        self._sizes += step.examined.sizes
        self._leaves += step.examined.joined_leaves
        for number in range(before // WIDTH, after // WIDTH):
            yield from self._compare(Bundle(number, WIDTH), self._next_bundle())
            yield from self._compare(Tile(0, number, WIDTH), self._next_leaves())
        for tile in new_tiles(before, after):
            if tile.width == WIDTH and tile.level:
                hashes = self._tree.nodes(tile.height, tile.first, tile.stop)
                yield from self._compare(tile, hashes)

    def check_partials(self, size: int) -> Iterator[Finding]:
        """What a published size shows at its right edge, unless a full tile superseded it."""
        for each in right_edge(size):
            full_at = (each.number + 1) * WIDTH << each.height
            if full_at > self._published:
                yield from self._compare_partial(each)

    def is_right(self, tile: Tile | Bundle, content: bytes) -> bool:
        """Whether a tile that is stored holds what the entries give."""
        hashes = self._tree.nodes(tile.height, tile.first, tile.stop)
        if isinstance(tile, Tile):
            return content == hashes
        try:
            return b"".join(map(leaf_digest, split_entries(content))) == hashes
        except VerificationError:
            return False

    def _next_bundle(self) -> bytes:
        length = _framed_length(self._sizes[:WIDTH])
        content = bytes(self._framed[:length])
        del self._framed[:length], self._sizes[:WIDTH]
        return content

    def _next_leaves(self) -> bytes:
        length = WIDTH * HASH_BYTES
        content = bytes(self._leaves[:length])
        del self._leaves[:length]
        return content

    def _compare(self, tile: Tile | Bundle, expected: bytes) -> Iterator[Finding]:
        self.checked += 1
        try:
            if self._store.get(tile.key) != expected:
                yield from self._mend(tile, "differs from what the entries give")
        except NotStored:
            if tile.stop << tile.height <= self._published:
                yield from self._mend(tile, "missing")

    def _compare_partial(self, tile: Tile | Bundle) -> Iterator[Finding]:
        self.checked += 1
        try:
            if not self.is_right(tile, self._store.get(tile.key)):
                self.named.add(tile.key)
                yield from self._mend(tile, "differs from what the entries give")
        except NotStored:
            if not self._is_superseded(tile):
                yield from self._mend(tile, "missing")

    def _is_superseded(self, tile: Tile | Bundle) -> bool:
        """Whether somebody has filled a tile meanwhile, and taken the partial one away."""
        try:
            return self._store.size(tile.full.key) > 0
        except NotStored:
            return False

    def _mend(self, tile: Tile | Bundle, wrong: str) -> Iterator[Finding]:
        """A tile follows from the commits, so it may be written again."""
        if not self._repair:
            yield broken(f"{tile.key}: {wrong}; it can be made again from the commits")
            return
        self._store.delete(tile.key)
        self._store.create(tile.key, self._expected(tile), keep=tile.width == WIDTH)
        yield note(f"{tile.key}: {wrong}; made again from the commits")

    def _expected(self, tile: Tile | Bundle) -> bytes:
        if isinstance(tile, Tile):
            return self._tree.nodes(tile.height, tile.first, tile.stop)
        return join_entries(self._walk.entries(tile.first, tile.stop))


def _framed_length(sizes: array[int]) -> int:
    return sum(sizes) + _LENGTH_BYTES * len(sizes)
