"""A published tree read tile by tile, each checked before it is used (C2SP tlog-tiles).

The hashes at the right edge fold to the root that the log signed; every full tile folds to one
hash of the tile above it. So whoever starts from a signed root and reads downwards knows that
each hash is the log's, and needs to trust neither the server nor the network. Only some
tiles are kept in memory.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator

from ledger.errors import VerificationError
from ledger.merkle import HASH_BYTES, fold_peaks, node_digest
from ledger.tiles import WIDTH, Tile, right_edge

Load = Callable[[Tile], bytes]

_KEPT = 64
_HEIGHT = 8


class TileReader:
    """The tree of `size` leaves under `root`; VerificationError wherever a tile is another."""

    def __init__(self, size: int, root: bytes, load: Load) -> None:
        """Reads the right edge. `load` gives the bytes of a tile, and may raise what it likes."""
        self.size = size
        self._load = load
        self._kept: OrderedDict[Tile, tuple[bytes, ...]] = OrderedDict()
        edge = (each for each in right_edge(size) if isinstance(each, Tile))
        self._edge = {tile.level: self._hashes(tile) for tile in edge}
        if self.root(size) != root:
            raise VerificationError(f"the tiles do not lead to the signed root of {size} entries")

    def tile(self, tile: Tile) -> tuple[bytes, ...]:
        """The hashes of a tile of this tree."""
        if tile.width < WIDTH and tile.stop == self.size >> tile.height:
            return self._edge[tile.level]
        full = tile.full
        if full not in self._kept:
            hashes = self._hashes(full)
            if _fold(hashes) != self.node(full.height + _HEIGHT, full.number):
                raise VerificationError(f"{full.key}: is not the tile of the signed tree")
            self._keep(full, hashes)
        self._kept.move_to_end(full)
        return self._kept[full][: tile.width]

    def node(self, height: int, number: int) -> bytes:
        """The root of a perfect subtree, numbered from the left among those of its height."""
        level, steps = divmod(height, _HEIGHT)
        first = number << steps
        place, start = divmod(first, WIDTH)
        width = min(WIDTH, (self.size >> (level * _HEIGHT)) - place * WIDTH)
        return _fold(self.tile(Tile(level, place, width))[start : start + (1 << steps)])

    def root(self, size: int) -> bytes:
        """The root of the first `size` leaves."""
        return fold_peaks([self.node(height, number) for height, number in _peaks(size)])

    def _hashes(self, tile: Tile) -> tuple[bytes, ...]:
        content = self._load(tile)
        if len(content) != tile.width * HASH_BYTES:
            raise VerificationError(f"{tile.key}: has another length")
        return tuple(content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES))

    def _keep(self, tile: Tile, hashes: tuple[bytes, ...]) -> None:
        self._kept[tile] = hashes
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)


def _peaks(size: int) -> Iterator[tuple[int, int]]:
    """Height and number of the perfect subtrees of a tree, from left to right."""
    done = 0
    for height in reversed(range(size.bit_length())):
        if size >> height & 1:
            yield height, done >> height
            done += 1 << height


def _fold(hashes: tuple[bytes, ...]) -> bytes:
    """The root above a power of two of neighbouring subtrees."""
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=True)
        hashes = tuple(node_digest(left, right) for left, right in pairs)
    return hashes[0]
