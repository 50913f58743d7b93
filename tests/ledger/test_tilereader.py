"""Reading a published tree: right at every size, and no tile is believed without its root."""

from __future__ import annotations

import pytest

from ledger.errors import VerificationError
from ledger.merkle import EMPTY_ROOT, leaf_digest, node_digest, split_point
from ledger.mirroring.tilereader import TileReader
from ledger.tiles import WIDTH, Tile

SIZES = [1, 2, 3, 255, 256, 257, 511, 512, 700, 65_535, 65_536, 65_537]
LEAVES = [leaf_digest(b"%d" % number) for number in range(max(SIZES))]


def all_nodes() -> list[list[bytes]]:
    """Every perfect subtree, by height."""
    nodes = [LEAVES]
    while len(nodes[-1]) > 1:
        lower = nodes[-1]
        pairs = zip(lower[::2], lower[1::2], strict=False)
        nodes.append([node_digest(left, right) for left, right in pairs])
    return nodes


NODES = all_nodes()


def root_of(start: int, stop: int) -> bytes:
    """RFC 6962 section 2.1, word for word, but for perfect subtrees that are known."""
    size = stop - start
    if not size:
        return EMPTY_ROOT
    if size & (size - 1) == 0 and start % size == 0:
        return NODES[size.bit_length() - 1][start // size]
    middle = start + split_point(size)
    return node_digest(root_of(start, middle), root_of(middle, stop))


def load(tile: Tile) -> bytes:
    return b"".join(NODES[tile.height][tile.first : tile.stop])


@pytest.mark.parametrize("size", SIZES)
def test_every_earlier_root_is_that_of_the_specification(size: int) -> None:
    tree = TileReader(size, root_of(0, size), load)
    for earlier in {0, 1, size // 3, size // 2, size - 1, size, *(s for s in SIZES if s <= size)}:
        assert tree.root(earlier) == root_of(0, earlier)


@pytest.mark.parametrize("size", SIZES)
def test_a_root_that_the_tiles_do_not_give_is_refused(size: int) -> None:
    with pytest.raises(VerificationError):
        TileReader(size, root_of(0, size - 1), load)


@pytest.mark.parametrize(("level", "number"), [(0, 0), (0, 17), (0, 255), (0, 256), (1, 0), (2, 0)])
def test_a_flipped_bit_in_any_tile_is_found_before_it_is_used(level: int, number: int) -> None:
    size = 65_537
    victim = Tile(level, number, min(WIDTH, (size >> level * 8) - number * WIDTH))

    def spoiled(tile: Tile) -> bytes:
        content = bytearray(load(tile))
        content[-1] ^= (tile.level, tile.number) == (level, number)
        return bytes(content)

    with pytest.raises(VerificationError):
        TileReader(size, root_of(0, size), spoiled).tile(victim)


@pytest.mark.parametrize("change", [-32, -1, 1, 32])
def test_a_tile_of_another_length_is_refused(change: int) -> None:
    def other(tile: Tile) -> bytes:
        content = load(tile)
        return content[:change] if change < 0 else content + bytes(change)

    with pytest.raises(VerificationError):
        TileReader(700, root_of(0, 700), other)


def test_many_tiles_are_read_in_little_memory() -> None:
    tree = TileReader(65_536, root_of(0, 65_536), load)
    for number in range(WIDTH):
        assert b"".join(tree.tile(Tile(0, number, WIDTH))) == load(Tile(0, number, WIDTH))
    assert len(tree._kept) <= 64
