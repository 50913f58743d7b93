"""Where tiles and entry bundles lie and what is in them (C2SP tlog-tiles).

    tile/<L>/<N>[.p/<W>]         up to 256 hashes of perfect subtrees of height 8*L
    tile/entries/<N>[.p/<W>]     up to 256 entries, each with its length in two bytes before it

<N> is written in groups of three digits: 5 is 005, 1234067 is x001/x234/067. A tile that is
not full carries its width W. What is once written never changes, it is only superseded by
a wider tile, so writing it again is harmless.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ledger.errors import VerificationError

WIDTH = 256
_HEIGHT = 8
_KEY = re.compile(r"tile/(\d{1,2}|entries)/((?:x\d{3}/){0,6}\d{3})(?:\.p/(\d{1,3}))?", re.ASCII)


@dataclass(frozen=True)
class Tile:
    """The coordinates of a tile: level, number from the left, width 1 to 256."""

    level: int
    number: int
    width: int

    @property
    def key(self) -> str:
        return f"tile/{self.level}/{_place(self.number, self.width)}"

    @property
    def full(self) -> Tile:
        """The tile that supersedes it."""
        return Tile(self.level, self.number, WIDTH)

    @property
    def height(self) -> int:
        """The height of the subtrees whose hashes it holds."""
        return self.level * _HEIGHT

    @property
    def first(self) -> int:
        """The number of its first subtree among those of that height."""
        return self.number * WIDTH

    @property
    def stop(self) -> int:
        return self.first + self.width


@dataclass(frozen=True)
class Bundle:
    """The coordinates of an entry bundle."""

    number: int
    width: int

    @property
    def key(self) -> str:
        return f"tile/entries/{_place(self.number, self.width)}"

    @property
    def full(self) -> Bundle:
        """The bundle that supersedes it."""
        return Bundle(self.number, WIDTH)

    @property
    def height(self) -> int:
        """Entries are the leaves."""
        return 0

    @property
    def first(self) -> int:
        """The index of its first entry."""
        return self.number * WIDTH

    @property
    def stop(self) -> int:
        """The index after its last entry."""
        return self.first + self.width


def new_tiles(old: int, new: int) -> Iterator[Tile]:
    """The tiles that a tree of `new` entries has and the tree of `old` had not."""
    level = 0
    while new >> (level * _HEIGHT):
        first, stop = old >> (level * _HEIGHT), new >> (level * _HEIGHT)
        if first != stop:
            for number, width in _runs(first, stop):
                yield Tile(level, number, width)
        level += 1


def new_bundles(old: int, new: int) -> Iterator[Bundle]:
    """The entry bundles that a tree of `new` entries has and the tree of `old` had not."""
    if old != new:
        for number, width in _runs(old, new):
            yield Bundle(number, width)


def grown(old: int, new: int) -> Iterator[Tile | Bundle]:
    """Both."""
    yield from new_tiles(old, new)
    yield from new_bundles(old, new)


def right_edge(size: int) -> Iterator[Tile | Bundle]:
    """The tiles and the bundle of a tree that are not full."""
    level = 0
    while rest := size >> (level * _HEIGHT):
        if rest % WIDTH:
            yield Tile(level, rest // WIDTH, rest % WIDTH)
        level += 1
    if size % WIDTH:
        yield Bundle(size // WIDTH, size % WIDTH)


def bundle_of(index: int, size: int) -> Bundle:
    """The bundle in which a tree of `size` entries keeps one of them."""
    number = index // WIDTH
    return Bundle(number, min(WIDTH, size - number * WIDTH))


def parse_key(key: str) -> Tile | Bundle | None:
    """The tile or bundle that lies under this key; None if no such key can be."""
    found = _KEY.fullmatch(key)
    if found is None:
        return None
    level, place, width = found.groups(str(WIDTH))
    number = int(place.replace("x", "").replace("/", ""))
    bundle = level == "entries"
    tile = Bundle(number, int(width)) if bundle else Tile(int(level), number, int(width))
    return tile if tile.key == key and 0 < tile.width <= WIDTH else None


def join_entries(entries: Iterable[bytes]) -> bytes:
    """The bytes of a bundle: (big-endian length in two bytes, entry) for each."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def split_entries(content: bytes) -> tuple[bytes, ...]:
    """The entries of a bundle; VerificationError if the last one is cut off."""
    entries, position = [], 0
    while position < len(content):
        start = position + 2
        position = start + int.from_bytes(content[position:start], "big")
        entries.append(content[start:position])
    if position != len(content):
        raise VerificationError("the last entry of a bundle is cut off")
    return tuple(entries)


def _runs(old: int, new: int) -> Iterator[tuple[int, int]]:
    for number in range(old // WIDTH, new // WIDTH):
        yield number, WIDTH
    if new % WIDTH:
        yield new // WIDTH, new % WIDTH


def _place(number: int, width: int) -> str:
    groups = [f"{number % 1000:03}"]
    while number := number // 1000:
        groups.append(f"x{number % 1000:03}")
    path = "/".join(reversed(groups))
    return path if width == WIDTH else f"{path}.p/{width}"
