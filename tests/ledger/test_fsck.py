"""fsck names what was changed, whatever was changed, and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger import Log
from ledger.checking.finding import Level
from ledger.checking.fsck import fsck, is_sound
from ledger.keys import format_vkey_file, generate
from ledger.stores.folder import FolderStore
from tests.ledger.builders import (
    DATA_KEY,
    SIGNER,
    a_busy_log,
    a_log,
    a_long_log,
    a_store,
    add_blob,
    append,
)

# One object of each kind in `a_busy_log`; `<blob>` is its only blob.
OBJECTS = (
    "checkpoint",
    "checkpoints/00000000000000000007",
    "checkpoints/00000000000000000010",
    "commit/00000000000000000000",
    "commit/00000000000000000003",
    "commit/00000000000000000005",
    "tile/0/000.p/7",
    "tile/0/000.p/10",
    "tile/entries/000.p/7",
    "tile/entries/000.p/10",
    "blob/<blob>",
    "log.vkey",
)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    a_busy_log(a_store(folder))
    return folder / "store"


@pytest.fixture
def root(sound: Path, tmp_path: Path) -> Path:
    """A copy to be spoiled."""
    return Path(shutil.copytree(sound, tmp_path / "spoiled"))


def broken_keys(root: Path) -> list[str]:
    findings = list(fsck(FolderStore(root), SIGNER.vkey))
    return [each.text.partition(":")[0] for each in findings if each.level is Level.BROKEN]


def resolve(root: Path, key: str) -> Path:
    if key == "blob/<blob>":
        return next((root / "blob").iterdir())
    return root / key


def flip_first(content: bytes) -> bytes:
    return bytes([content[0] ^ 1]) + content[1:]


def flip_middle(content: bytes) -> bytes:
    at = len(content) // 2
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def flip_last(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


def cut(content: bytes) -> bytes:
    return content[:-1]


def lengthen(content: bytes) -> bytes:
    return content + b"\n"


def empty(_: bytes) -> bytes:
    return b""


def test_a_sound_store_is_found_sound(root: Path) -> None:
    findings = list(fsck(FolderStore(root), SIGNER.vkey))
    assert is_sound(findings)
    notes = [each.text for each in findings if each.level is Level.NOTE]
    assert len(notes) == 1, "only the count of data keys"


def test_without_a_key_the_store_speaks_for_itself_and_that_is_said(root: Path) -> None:
    findings = list(fsck(FolderStore(root), None))
    assert is_sound(findings)
    assert any("own claim" in each.text for each in findings if each.level is Level.NOTE)


@pytest.mark.parametrize("change", [flip_first, flip_middle, flip_last, cut, lengthen, empty])
@pytest.mark.parametrize("key", OBJECTS)
def test_a_changed_object_is_named(root: Path, key: str, change: Callable[[bytes], bytes]) -> None:
    path = resolve(root, key)
    path.write_bytes(change(path.read_bytes()))
    assert path.relative_to(root).as_posix() in broken_keys(root)


def test_a_last_commit_that_is_missing_shows_in_what_was_signed(root: Path) -> None:
    (root / "commit" / "00000000000000000006").unlink()
    assert "checkpoints/00000000000000000010" in broken_keys(root)


@pytest.mark.parametrize("key", [key for key in OBJECTS if key != "checkpoints/" + "7".zfill(20)])
def test_a_missing_object_is_named(root: Path, key: str) -> None:
    path = resolve(root, key)
    path.unlink()
    # Of the newest checkpoint, what refers to it is named.
    named = "checkpoint" if key.startswith("checkpoints/") else path.relative_to(root).as_posix()
    assert named in broken_keys(root)


def test_a_checkpoint_that_was_never_stored_leaves_tiles_that_are_right(root: Path) -> None:
    """As a writer does that dies while it publishes: nobody holds it against the log."""
    (root / "checkpoints" / "00000000000000000007").unlink()
    assert broken_keys(root) == []
    (root / "tile" / "0" / "000.p" / "7").write_bytes(bytes(7 * 32))
    assert broken_keys(root) == ["tile/0/000.p/7"]


@pytest.mark.parametrize(
    "key",
    [
        "commit/00000000000000000009",
        "commit/9",
        "checkpoints/00000000000000000008",
        "checkpoints/x",
        "tile/0/000.p/6",
        "tile/0/001",
        "tile/entries/000.p/6",
        "tile/9/000",
        "blob/" + "0" * 64,
        "blob/film.mp4",
        "notes.txt",
        "commit.bak/00000000000000000000",
    ],
)
def test_an_added_object_is_named(root: Path, key: str) -> None:
    path = root / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"smuggled in")
    named = "commit/00000000000000000007" if key.endswith("9") and "commit/0" in key else key
    assert named in broken_keys(root)


def test_two_objects_that_change_places_are_named(root: Path) -> None:
    first, second = (root / "commit" / f"{number:020}" for number in (1, 2))
    one, two = first.read_bytes(), second.read_bytes()
    first.write_bytes(two)
    second.write_bytes(one)
    assert "commit/00000000000000000001" in broken_keys(root)


def test_a_checkpoint_moved_back_to_an_old_one_is_noticed(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    log = a_log(store)
    for _ in range(3):
        append(log)
        log.publish()
    old = store.get("checkpoints/00000000000000000002")
    (tmp_path / "store" / "checkpoint").write_bytes(old)
    assert broken_keys(tmp_path / "store") == ["checkpoint"]


def test_a_log_signed_by_somebody_else_is_noticed(root: Path) -> None:
    stranger = generate(SIGNER.name)
    findings = list(fsck(FolderStore(root), stranger.vkey))
    assert [each.text.partition(":")[0] for each in findings if each.level is Level.BROKEN] == [
        "log.vkey"
    ]


def test_a_forged_history_under_another_key_is_noticed(tmp_path: Path) -> None:
    forged = FolderStore(tmp_path / "forged")
    stranger = generate(SIGNER.name)
    log = Log.open(forged, stranger)
    append(log)
    log.publish()
    (tmp_path / "forged" / "log.vkey").write_bytes(format_vkey_file(SIGNER.verifiers))
    assert "checkpoint" in broken_keys(tmp_path / "forged")


def test_a_file_nobody_named_yet_is_a_note(root: Path) -> None:
    name = add_blob(FolderStore(root), b"uploaded, not sent")
    findings = list(fsck(FolderStore(root), SIGNER.vkey))
    assert is_sound(findings)
    assert any(name in each.text for each in findings if each.level is Level.NOTE)


def test_a_destroyed_data_key_breaks_no_proof(root: Path) -> None:
    for path in (root / "keys").iterdir():
        path.unlink()
    assert broken_keys(root) == []


def test_an_erasure_that_was_interrupted_is_named(root: Path) -> None:
    store = FolderStore(root)
    log = a_log(store)
    log.erase("case/1")
    assert broken_keys(root) == []
    store.create(f"keys/{DATA_KEY.kid}", b"back again")
    assert broken_keys(root) == [f"keys/{DATA_KEY.kid}"]
    log.erase("case/1")
    assert broken_keys(root) == []


def test_what_follows_from_the_commits_is_made_again_on_request(root: Path) -> None:
    for key in ("tile/0/000.p/7", "tile/entries/000.p/10"):
        (root / key).write_bytes(flip_middle((root / key).read_bytes()))
    (root / "tile/0/000.p/10").unlink()
    assert not is_sound(fsck(FolderStore(root), SIGNER.vkey))
    mended = list(fsck(FolderStore(root), SIGNER.vkey, repair=True))
    assert is_sound(mended), "\n".join(map(str, mended))
    assert sum("made again" in each.text for each in mended) == 3
    assert broken_keys(root) == []


def test_truth_is_never_repaired(root: Path) -> None:
    path = root / "commit" / "00000000000000000001"
    path.write_bytes(changed := flip_last(path.read_bytes()))
    assert not is_sound(fsck(FolderStore(root), SIGNER.vkey, repair=True))
    assert path.read_bytes() == changed


def test_a_full_tile_is_compared_and_made_again_too(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    log = a_long_log(store, 600)
    log.publish()
    for key in ("tile/0/001", "tile/entries/000", "tile/1/000.p/2"):
        path = tmp_path / "store" / key
        path.write_bytes(flip_last(path.read_bytes()))
        assert broken_keys(tmp_path / "store") == [key]
        assert is_sound(fsck(store, SIGNER.vkey, repair=True))
        assert broken_keys(tmp_path / "store") == []


class Meanwhile(FolderStore):
    """Another process appends and publishes whenever something is listed."""

    def keys(self, prefix: str, after: str = "") -> Iterator[str]:
        log = a_log(FolderStore(self._root))
        append(log, count=300)
        append(log)
        log.publish()
        yield from super().keys(prefix, after)


def test_writing_while_a_log_is_checked_is_no_fault(root: Path) -> None:
    findings = list(fsck(Meanwhile(root, writing=False), SIGNER.vkey))
    assert is_sound(findings), "\n".join(map(str, findings))


def test_progress_is_told_up_to_the_last_entry(root: Path) -> None:
    told: list[int] = []
    assert is_sound(fsck(FolderStore(root), SIGNER.vkey, progress=told.append))
    assert told == sorted(told)
    assert told[-1] == 10


def test_partial_tiles_may_go_once_the_full_one_is_there(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    log = a_log(store)
    append(log, "pool", 250)
    log.publish()
    reader = a_log(store)
    append(log, "pool", 10)
    log.publish()
    assert [key for key in store.keys("tile/") if "/000.p/251" in key] == []
    assert broken_keys(tmp_path / "store") == []
    assert len(list(reader.entries(0, 251))) == 251, "it still asks for the partial one"
    assert len(list(a_log(store).entries(0, 262))) == 262
