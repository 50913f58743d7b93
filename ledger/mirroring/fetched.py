"""The tree under a checkpoint as a website shows it: what comes out of here is verified.

The hashes of level 0 are computed from the entry bundles, so that one file vouches for the other
and half as many are asked for. Everything above is read from tiles, downwards from the signed root
(tilereader.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ledger.checkpoint import Checkpoint
from ledger.entry import MAX_ENTRY_BYTES
from ledger.errors import NotStored, VerificationError
from ledger.merkle import HASH_BYTES, leaf_digest
from ledger.mirroring.http_get import Website
from ledger.mirroring.tilereader import TileReader
from ledger.tiles import WIDTH, Bundle, Tile, split_entries

_TILE_BYTES = WIDTH * HASH_BYTES
_LONGEST_BUNDLE = WIDTH * (2 + MAX_ENTRY_BYTES)


class Fetched:
    """One checkpoint's tree. For one thread; VerificationError wherever it is another."""

    def __init__(self, site: Website, checkpoint: Checkpoint) -> None:
        self._site = site
        self._bundle: tuple[int, bytes] = (-1, b"")  # the last one: its tile is asked for next
        self.tree = TileReader(checkpoint.size, checkpoint.root, self._load)

    def contents(self, wanted: Iterable[Tile | Bundle]) -> Iterator[tuple[str, bytes]]:
        """Keys and bytes of these, bundles beside the tiles that vouch for them."""
        for each in sorted(wanted, key=lambda each: (each.height, each.first)):
            if isinstance(each, Tile):
                yield each.key, b"".join(self.tree.tile(each))
            else:
                yield each.key, self._checked(each)

    def _checked(self, bundle: Bundle) -> bytes:
        content = self._fetch_bundle(bundle)
        hashes = self.tree.tile(Tile(0, bundle.number, bundle.width))
        if tuple(map(leaf_digest, split_entries(content))) != hashes:
            raise VerificationError(f"{bundle.key}: holds other entries than the log signed")
        return content

    def _load(self, tile: Tile) -> bytes:
        if tile.level:
            return self._trimmed(tile, _TILE_BYTES)[: tile.width * HASH_BYTES]
        entries = split_entries(self._fetch_bundle(Bundle(tile.number, tile.width)))
        return b"".join(map(leaf_digest, entries))

    def _fetch_bundle(self, bundle: Bundle) -> bytes:
        if self._bundle[0] != bundle.number:
            self._bundle = bundle.number, self._trimmed(bundle, _LONGEST_BUNDLE)
        return _first_entries(self._bundle[1], bundle.width)

    def _trimmed(self, each: Tile | Bundle, most: int) -> bytes:
        """The file; of a partial one that is gone by now, the full one that took its place."""
        try:
            return self._site.get(each.key, most)
        except NotStored:
            if each.width == WIDTH:
                raise
            return self._site.get(each.full.key, most)


def _first_entries(content: bytes, count: int) -> bytes:
    """The first entries of a bundle; of a shorter one, all of it."""
    position = 0
    for _ in range(count):
        if position >= len(content):
            break
        position += 2 + int.from_bytes(content[position : position + 2], "big")
    return content[:position]
