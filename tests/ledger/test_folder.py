"""A store in a folder: what is particular to disks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ledger import NotStored, StoreUnavailable
from ledger.stores.folder import FolderStore
from ledger.stores.newfile import nameless_files


@pytest.fixture(params=["nameless files", "named files"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> FolderStore:
    """On a file system that knows files without names, and on one that does not."""
    if request.param == "named files":
        monkeypatch.setattr("ledger.stores.folder.nameless_files", lambda _: False)
    elif not nameless_files(tmp_path):
        pytest.skip("this file system knows no files without names")
    return FolderStore(tmp_path / "store")


def calls_during(monkeypatch: pytest.MonkeyPatch, *names: str) -> list[str]:
    """The names of these functions of `os`, as they are called."""
    made: list[str] = []

    def recorded(name: str, real: Any) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            made.append(name)
            return real(*arguments, **options)

        return call

    for name in names:
        monkeypatch.setattr(os, name, recorded(name, getattr(os, name)))
    return made


DISK_CALLS = ("open", "write", "fsync", "link", "unlink", "mkdir", "replace")


def test_one_durable_create_costs_one_flush_of_content_and_one_of_a_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not nameless_files(tmp_path):
        pytest.skip("this file system knows no files without names")
    store = FolderStore(tmp_path / "store")
    store.create("commit/0", b"")
    made = calls_during(monkeypatch, *DISK_CALLS)
    store.create("commit/1", b"a commit")
    assert made == ["open", "write", "fsync", "link", "open", "fsync"]


def test_many_creates_cost_one_flush_of_the_disk_and_one_of_each_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FolderStore(tmp_path / "store")
    store.create_all([("tile/0/000", b""), ("tile/1/000", b"")])
    made = calls_during(monkeypatch, *DISK_CALLS)
    store.create_all([(f"tile/{number % 2}/{number:03}", b"x") for number in range(1, 101)])
    assert made.count("write") == 100
    assert made.count("fsync") <= 2


def test_a_name_appears_only_when_the_content_is_on_the_disk(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.create("commit/0", b"")
    made = calls_during(monkeypatch, "write", "fsync", "link")
    store.create("commit/1", b"a commit")
    assert made == ["write", "fsync", "link", "fsync"]


def test_another_writers_name_is_flushed_before_it_is_relied_on(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.create("commit/0", b"theirs")
    made = calls_during(monkeypatch, "link", "fsync")
    assert not store.create("commit/0", b"mine")
    assert made == ["fsync", "link", "fsync"]


def test_nothing_is_left_of_what_could_not_be_written(
    store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ledger.stores.newfile.os.fsync", full)
    monkeypatch.setattr("ledger.stores.newfile._syncfs", lambda: None)
    for write in (
        lambda: store.create("commit/0", b"a commit"),
        lambda: store.create_all([(f"tile/{number}", b"") for number in range(20)]),
        lambda: store.replace("checkpoint", b"1", None),
    ):
        with pytest.raises(StoreUnavailable, match="No space left"):
            write()
    monkeypatch.undo()
    assert [path for path in (tmp_path / "store").rglob("*") if path.is_file()] in (
        [],
        [tmp_path / "store" / ".lock"],
    )


def test_a_file_system_that_could_not_be_flushed_is_an_unavailable_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FolderStore(tmp_path / "store")
    monkeypatch.setattr("ledger.stores.newfile._syncfs", lambda: lambda _: -1)
    monkeypatch.setattr("ledger.stores.newfile.ctypes.get_errno", lambda: 5)
    with pytest.raises(StoreUnavailable, match="Input/output error"):
        store.create_all([(f"tile/{number}", b"") for number in range(20)])
    assert list(store.keys("")) == []


def test_a_write_that_takes_a_part_is_continued(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write
    monkeypatch.setattr(
        "ledger.stores.newfile.os.write", lambda descriptor, content: real(descriptor, content[:3])
    )
    store.create("commit/0", b"a commit of several parts")
    assert store.get("commit/0") == b"a commit of several parts"


def test_a_folder_that_was_deleted_by_hand_is_made_anew(store: FolderStore, tmp_path: Path) -> None:
    store.create("tile/0/x001/000", b"")
    for path in ("tile/0/x001/000",):
        (tmp_path / "store" / path).unlink()
    for path in ("tile/0/x001", "tile/0", "tile"):
        (tmp_path / "store" / path).rmdir()
    assert store.create("tile/0/x001/000", b"again")
    assert store.get("tile/0/x001/000") == b"again"


def test_a_disk_that_is_away_is_not_taken_for_an_empty_store(
    store: FolderStore, tmp_path: Path
) -> None:
    store.create("commit/0", b"")
    (tmp_path / "store").rename(tmp_path / "elsewhere")
    (tmp_path / "store").mkdir()  # what is left of a place where a disk was mounted
    for ask in (
        lambda: store.get("commit/0"),
        lambda: store.create("commit/1", b""),
        lambda: store.create_all([("commit/1", b"")]),
        lambda: store.replace("checkpoint", b"", None),
        lambda: store.delete("commit/0"),
        lambda: list(store.keys("")),
    ):
        with pytest.raises(StoreUnavailable):
            ask()
    (tmp_path / "store").rmdir()
    (tmp_path / "elsewhere").rename(tmp_path / "store")
    assert store.create("commit/1", b"")


def test_a_store_that_is_only_read_is_not_written(tmp_path: Path) -> None:
    FolderStore(tmp_path / "store").create("commit/0", b"")
    before = sorted(tmp_path.rglob("*"))
    reader = FolderStore(tmp_path / "store", writing=False)
    assert reader.get("commit/0") == b""
    with pytest.raises(NotStored):
        reader.get("commit/1")
    assert sorted(tmp_path.rglob("*")) == before
