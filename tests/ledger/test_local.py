"""What a process keeps beside a log makes it start fast, and never makes it write wrongly."""

from __future__ import annotations

import fcntl
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from shutil import copytree, rmtree

import pytest

from ledger import EMPTY, Log, StoreUnavailable, Unconfirmed
from ledger.checking.fsck import fsck, is_sound
from ledger.keys import generate
from ledger.table import Table
from tests.ledger import mapmodel
from tests.ledger.builders import SIGNER, a_store, append
from tests.ledger.fakes import FailingStore
from tests.ledger.memory import MemoryStore

KEPT = ("nodes", "links", "streams", "commands", "map.sqlite", "position")


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


def open_at(store: MemoryStore | FailingStore, index: Path | None) -> Log:
    return Log.open(store, SIGNER, index=index)


def fill(store: MemoryStore, index: Path | None) -> Log:
    """Streams, publications, and something that was not published."""
    log = open_at(store, index)
    for number in range(4):
        append(log, f"case/{number}", count=2)
        log.publish()
    append(log, "case/0", count=3)
    return log


def reads_to_open(store: MemoryStore, index: Path) -> int:
    counted = FailingStore(store)
    log = open_at(counted, index)
    log.close()
    return len(counted.calls)


def assert_it_goes_on_rightly(store: MemoryStore, index: Path | None) -> None:
    """With this folder exactly the right next commit is made, and the right map."""
    log = open_at(store, index)
    fresh = open_at(store, None)
    for number in range(6):
        assert log.head(f"case/{number}") == fresh.head(f"case/{number}")
        assert log.stream_entries(f"case/{number}") == fresh.stream_entries(f"case/{number}")
    assert log.recorded("case/0 at 2") == fresh.recorded("case/0 at 2") is not None
    append(log, "case/0")
    append(log, "case/5", key=f"new at {log.size}")
    log.publish()
    assert_the_map_is_right(log)
    findings = list(fsck(store, SIGNER.vkey))
    assert is_sound(findings), "\n".join(map(str, findings))
    log.close()


def assert_the_map_is_right(log: Log) -> None:
    found = log.prove_stream("case/0")
    before = list(log.entries(0, found.map_entry.index))
    heads = {entry.stream: entry.head for entry in before}
    root = mapmodel.root_of(heads)
    assert found.proof.verify(root) == log.head("case/0")
    assert log.prove_stream("nobody").proof.verify(root) == EMPTY


def test_what_was_closed_is_used_again(store: MemoryStore, index: Path) -> None:
    for _ in range(12):
        fill(store, index).close()
    assert reads_to_open(store, index) < 12
    assert len(list(store.keys("commit/"))) > 50
    assert_it_goes_on_rightly(store, index)


def test_a_log_opened_again_and_again_states_the_same_map(store: MemoryStore, index: Path) -> None:
    for number in range(5):
        log = open_at(store, index)
        append(log, f"case/{number}")
        log.publish()
        assert_the_map_is_right(log)
        log.close()
    assert is_sound(fsck(store, SIGNER.vkey))


def in_a_child_that_is_killed(work: Callable[[], object]) -> None:
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL


def test_what_a_killed_process_left_is_used_again(tmp_path: Path, index: Path) -> None:
    store = a_store(tmp_path)
    in_a_child_that_is_killed(lambda: fill(store, index))  # type: ignore[arg-type]
    assert (index / "position").exists()
    counted = FailingStore(store)
    log = open_at(counted, index)
    assert [call.key for call in counted.calls if call.key.startswith("tile/")] == []
    assert log.head("case/0").length == 5
    log.close()
    assert_it_goes_on_rightly(store, index)  # type: ignore[arg-type]


def test_after_another_start_of_the_machine_it_begins_anew(
    tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = a_store(tmp_path)
    in_a_child_that_is_killed(lambda: fill(store, index))  # type: ignore[arg-type]
    for name in KEPT[:-1]:  # the disk never saw them
        (index / name).write_bytes(bytes((index / name).stat().st_size))
    boot = tmp_path / "boot_id"
    boot.write_text("another boot\n")
    monkeypatch.setattr("ledger.local._BOOT", boot)
    assert_it_goes_on_rightly(store, index)  # type: ignore[arg-type]


@pytest.mark.parametrize("published", [False, True])
def test_what_others_did_meanwhile_is_taken_up(
    store: MemoryStore, index: Path, published: bool
) -> None:
    fill(store, index).close()
    other = open_at(store, None)
    append(other, "case/0", count=2)
    if published:
        append(other, "case/4", count=600)
        other.publish()
    assert_it_goes_on_rightly(store, index)


def test_the_folder_of_another_log_is_begun_anew(store: MemoryStore, index: Path) -> None:
    stranger = generate(SIGNER.name)
    other = Log.open(MemoryStore(), stranger, index=index)
    append(other)
    other.publish()
    other.close()
    fill(store, None)
    assert_it_goes_on_rightly(store, index)


def test_the_folder_of_another_store_of_the_same_key_is_begun_anew(
    store: MemoryStore, index: Path
) -> None:
    """The same entries, committed by other writes: the next commit must name what is stored."""
    for each in (store, other := MemoryStore()):
        log = open_at(each, index if each is other else None)
        log.append("case/0", EMPTY, [b"x"], key="case/0 at 2")
        log.publish()
        log.close()
    assert store.get("commit/" + "0" * 20) != other.get("commit/" + "0" * 20)
    assert_it_goes_on_rightly(store, index)


def test_of_two_that_name_one_folder_one_has_it(store: MemoryStore, index: Path) -> None:
    one, two = open_at(store, index), open_at(store, index)
    for number in range(3):
        append(one, f"case/{number}")
        append(two, f"case/{number + 1}", key=f"two {number}")
        one.publish()
        two.publish()
    two.close()
    one.close()
    assert is_sound(fsck(store, SIGNER.vkey))


def test_the_second_can_go_on_with_the_folder_of_the_first(store: MemoryStore, index: Path) -> None:
    fill(store, index).close()
    first, second = open_at(store, index), open_at(store, index)
    first.close()
    second.close()
    with (index / "lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert_it_goes_on_rightly(store, index)


def test_nothing_else_in_the_folder_is_touched(store: MemoryStore, index: Path) -> None:
    (index / "photos").mkdir(parents=True)
    (index / "thesis.txt").write_text("years of work")
    fill(store, index).close()
    (index / "position").write_text("junk")
    fill(MemoryStore(), index).close()
    assert (index / "thesis.txt").read_text() == "years of work"
    assert (index / "photos").is_dir()


def flip_a_bit(path: Path, random: Random) -> None:
    content = bytearray(path.read_bytes())
    content[random.randrange(len(content))] ^= 1 << random.randrange(8)
    path.write_bytes(bytes(content))


DAMAGE: dict[str, Callable[[Path], object]] = {
    "deleted": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "junk": lambda path: path.write_bytes(b"junk" * 5000),
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "cut off": lambda path: os.truncate(path, path.stat().st_size // 2),
    "too long": lambda path: path.write_bytes(path.read_bytes() + bytes(100)),
    "a flipped bit": lambda path: flip_a_bit(path, Random(path.name)),
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", KEPT)
def test_a_damaged_file_never_leads_to_a_wrong_commit(
    store: MemoryStore, index: Path, name: str, damage: str
) -> None:
    fill(store, index).close()
    DAMAGE[damage](index / name)
    assert_it_goes_on_rightly(store, index)


@pytest.mark.parametrize("damage", ["deleted", "empty", "junk", "zeros", "cut off"])
@pytest.mark.parametrize("name", KEPT)
def test_nor_does_one_that_was_not_closed(
    tmp_path: Path, index: Path, name: str, damage: str
) -> None:
    store = a_store(tmp_path)
    in_a_child_that_is_killed(lambda: fill(store, index))  # type: ignore[arg-type]
    DAMAGE[damage](index / name)
    with suppress(StoreUnavailable):  # it notices, and the next time it begins anew
        for number in range(4):
            open_at(store, index).stream_entries(f"case/{number}")  # type: ignore[arg-type]
    assert_it_goes_on_rightly(store, index)  # type: ignore[arg-type]


def test_an_old_copy_of_the_folder_is_no_harm(
    store: MemoryStore, index: Path, tmp_path: Path
) -> None:
    fill(store, index).close()
    copytree(index, tmp_path / "old")
    fill_more = open_at(store, index)
    append(fill_more, "case/3", count=4)
    fill_more.publish()
    fill_more.close()
    rmtree(index)
    copytree(tmp_path / "old", index)
    assert_it_goes_on_rightly(store, index)


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    write = os.pwrite
    full = False

    def refusing(descriptor: int, content: bytes, place: int) -> int:
        if full:
            raise OSError(28, "No space left on device")
        return write(descriptor, content, place)

    def fill_disk(now: bool) -> None:
        nonlocal full
        full = now

    monkeypatch.setattr(os, "pwrite", refusing)
    return fill_disk


def test_a_full_disk_for_local_files_loses_nothing(
    store: MemoryStore, index: Path, full_disk: Callable[[bool], None]
) -> None:
    log = fill(store, index)
    full_disk(True)
    stored = append(log, "case/1", key="stored, but not noted")
    with pytest.raises((Unconfirmed, StoreUnavailable)):
        append(log, "case/2", key="not stored")
    with pytest.raises(StoreUnavailable):
        log.catch_up()
    full_disk(False)
    assert log.recorded("stored, but not noted") == stored or log.catch_up()
    assert append(log, "case/7", key="stored, but not noted") == stored
    log.publish()
    log.close()
    assert_it_goes_on_rightly(store, index)


def test_a_closed_log_writes_nothing_more(store: MemoryStore, index: Path) -> None:
    log = fill(store, index)
    log.close()
    before = dict(store.objects)
    log.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        log.append("case/9", EMPTY, [b"x"], key="too late")
    with pytest.raises(StoreUnavailable, match="closed"):
        log.publish()
    assert store.objects == before


def test_a_table_that_outgrows_memory_is_found_again(
    store: MemoryStore, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With very few heads in memory every stream is looked up in the file."""
    monkeypatch.setattr("ledger.chains.MAX_HEADS", 2)
    log = fill(store, index)
    for number in range(40):
        append(log, f"case/{number % 13}", key=f"press {number}")
        if number % 11 == 0:
            log.publish()
    log.close()
    assert_it_goes_on_rightly(store, index)


def test_keys_in_one_place_are_told_apart(tmp_path: Path) -> None:
    table = Table(tmp_path / "table")
    for number in range(100):
        table.put(bytes(8) + number.to_bytes(8, "big") + b"ignored", number, 0)
    assert [table.get(bytes(8) + number.to_bytes(8, "big")) for number in range(1, 101)] == [
        *((number, 0) for number in range(1, 100)),
        None,
    ]
    table.close()
