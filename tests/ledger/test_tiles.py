"""Tiles lie where C2SP tlog-tiles says, and hold what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.errors import VerificationError
from ledger.merkle import CompactRange, grow, leaf_digest
from ledger.tiles import (
    Bundle,
    Tile,
    bundle_of,
    join_entries,
    new_bundles,
    new_tiles,
    parse_key,
    split_entries,
)
from tests.ledger.builders import a_long_log, a_store


@pytest.mark.parametrize(
    ("tile", "key"),
    [
        (Tile(0, 5, 256), "tile/0/005"),
        (Tile(0, 1_234_067, 256), "tile/0/x001/x234/067"),
        (Tile(0, 273, 112), "tile/0/273.p/112"),
        (Tile(63, 1000, 1), "tile/63/x001/000.p/1"),
        (Bundle(273, 112), "tile/entries/273.p/112"),
    ],
)
def test_paths_are_those_of_the_specification(tile: Tile | Bundle, key: str) -> None:
    assert tile.key == key
    assert parse_key(key) == tile


@pytest.mark.parametrize(
    "key",
    ["tile/0/5", "tile/0/005.p/0", "tile/0/005.p/256", "tile/0/x000/005", "tile/00/005", "tile/0/"],
)
def test_another_spelling_is_no_path(key: str) -> None:
    assert parse_key(key) is None


def test_a_log_of_70000_has_the_tiles_of_the_specification() -> None:
    keys = [tile.key for tile in new_tiles(0, 70_000)]
    assert sum(key.startswith("tile/0/") for key in keys) == 274
    assert {"tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"} <= set(keys)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (0, 0, []),
        (0, 1, ["tile/0/000.p/1"]),
        (255, 256, ["tile/0/000", "tile/1/000.p/1"]),
        (256, 257, ["tile/0/001.p/1"]),
        (256, 512, ["tile/0/001", "tile/1/000.p/2"]),
        (300, 300, []),
    ],
)
def test_growing_adds_only_what_changed(old: int, new: int, expected: list[str]) -> None:
    assert [tile.key for tile in new_tiles(old, new)] == expected


def test_bundles_grow_like_the_lowest_tiles() -> None:
    assert [bundle.key for bundle in new_bundles(250, 257)] == [
        "tile/entries/000",
        "tile/entries/001.p/1",
    ]
    assert bundle_of(300, 310) == Bundle(1, 54)


def test_entries_of_any_length_survive_the_bundle() -> None:
    entries = (b"", b"a", b"x" * 65_535)
    assert split_entries(join_entries(entries)) == entries


@pytest.mark.parametrize("content", [b"\x00", b"\x00\x02a", b"\x00\x01ab"])
def test_a_bundle_cut_off_is_refused(content: bytes) -> None:
    with pytest.raises(VerificationError):
        split_entries(content)


def test_published_tiles_rebuild_the_signed_root(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    checkpoint = a_long_log(store, 600).publish()
    assert checkpoint.size == 601, "the map is an entry too"
    level_0 = b"".join(store.get(f"tile/0/{name}") for name in ("000", "001", "002.p/89"))
    bundles = b"".join(store.get(f"tile/entries/{name}") for name in ("000", "001", "002.p/89"))
    assert b"".join(map(leaf_digest, split_entries(bundles))) == level_0
    level_1 = store.get("tile/1/000.p/2")
    assert level_1[:32] == _root(level_0[: 256 * 32])
    assert checkpoint.root == _root(level_0)


def _root(hashes: bytes) -> bytes:
    leaves = [hashes[at : at + 32] for at in range(0, len(hashes), 32)]
    return grow(CompactRange(), leaves).after.root
