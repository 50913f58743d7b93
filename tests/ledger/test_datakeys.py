"""Data keys of the command line: who opens what, and what is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.datakeys import DataKeys, KeyElsewhere
from ledger.errors import NotStored
from tests.ledger.builders import a_store

MASTER, OTHER = bytes(range(32)), bytes(32)


def test_a_key_is_found_again_from_its_name(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    key = DataKeys(store, MASTER, tmp_path / "notes").make()
    assert DataKeys(store, MASTER, tmp_path / "notes").find(key.kid) == key


def test_the_store_alone_does_not_hold_the_secret(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    key = DataKeys(store, MASTER, tmp_path / "notes").make()
    assert key.secret not in store.get(f"keys/{key.kid}")


def test_another_master_key_opens_nothing_and_says_so(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    key = DataKeys(store, MASTER, tmp_path / "notes").make()
    with pytest.raises(KeyElsewhere):
        DataKeys(store, OTHER, tmp_path / "notes").find(key.kid)


def test_a_destroyed_key_is_gone(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    keys = DataKeys(store, MASTER, tmp_path / "notes")
    key = keys.make()
    keys.note("case/1", key)
    store.delete(f"keys/{key.kid}")
    with pytest.raises(NotStored):
        keys.find(key.kid)
    assert keys.of_stream("case/1") is None


def test_a_wrapped_key_does_not_open_under_another_name(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    keys = DataKeys(store, MASTER, tmp_path / "notes")
    store.create("keys/forged", store.get(f"keys/{keys.make().kid}"))
    with pytest.raises(KeyElsewhere):
        keys.find("forged")


@pytest.mark.parametrize("content", [b"", b"x", bytes(60)])
def test_junk_in_place_of_a_key_is_no_key(tmp_path: Path, content: bytes) -> None:
    store = a_store(tmp_path)
    store.create("keys/junk", content)
    with pytest.raises(KeyElsewhere):
        DataKeys(store, MASTER, tmp_path / "notes").find("junk")


def test_a_damaged_note_costs_nothing(tmp_path: Path) -> None:
    keys = DataKeys(a_store(tmp_path), MASTER, tmp_path / "notes")
    keys.note("case/1", keys.make())
    for note in (tmp_path / "notes").iterdir():
        note.write_bytes(b"\xff\xff/../x")
    assert keys.of_stream("case/1") is None
