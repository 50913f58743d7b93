"""Several processes on one log; processes that are stopped, and killed at any moment.

Some sixty processes are killed by default, hundreds with TEST_KILLS=all in the environment. How
many it were, and how many entries they had been promised, is printed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from ledger import Store, open_store
from ledger.checking.fsck import fsck, is_sound
from ledger.stores.folder import FolderStore
from tests.ledger.builders import SIGNER, a_log, append
from tests.ledger.writer import COMMANDS
from tests.seaweed import Seaweed, seaweed

__all__ = ["seaweed"]

ROOT = Path(__file__).parents[2]
ALL = os.environ.get("TEST_KILLS") == "all"
SECONDS = 600
# For each of two writers that are killed beside each other.
FOLDER_KILLS, BUCKET_KILLS = (180, 80) if ALL else (20, 10)


def start(*arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-W", "error", "-m", "tests.ledger.writer", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment})


def assert_sound(store: Store) -> None:
    findings = list(fsck(store, SIGNER.vkey))
    assert is_sound(findings), "\n".join(map(str, findings))


def test_racing_processes_each_get_every_entry_in_once(tmp_path: Path) -> None:
    count, names = 25, ("甲", "乙", "丙")
    writers = [start("race", str(tmp_path / "store"), name, str(count)) for name in names]
    assert [writer.wait(SECONDS) for writer in writers] == [0, 0, 0]
    store = FolderStore(tmp_path / "store")
    entries = a_log(store).stream_entries("shared")
    assert [entry.seq for entry in entries] == list(range(3 * count))
    assert sorted(entry.payload.decode() for entry in entries) == sorted(
        f"{name} {number}" for name in names for number in range(count)
    )
    assert_sound(store)


def test_a_stopped_writer_stops_nobody_and_goes_on_later(tmp_path: Path) -> None:
    folder, count, go = str(tmp_path / "store"), 60, tmp_path / "go"
    stopped = start("race", folder, "a", str(count), str(go))
    others = [start("race", folder, name, str(count)) for name in "bcd"]
    try:
        _wait_until_it_wrote(tmp_path / "store", b"a ")
        stopped.send_signal(signal.SIGSTOP)
        assert [writer.wait(SECONDS) for writer in others] == [0, 0, 0]
        assert stopped.poll() is None
    finally:
        go.touch()
        stopped.send_signal(signal.SIGCONT)
    assert stopped.wait(SECONDS) == 0
    entries = a_log(FolderStore(tmp_path / "store")).stream_entries("shared")
    assert sorted(entry.payload.decode() for entry in entries) == sorted(
        f"{name} {number}" for name in "abcd" for number in range(count)
    )
    assert_sound(FolderStore(tmp_path / "store"))


def _wait_until_it_wrote(store: Path, start_of_payload: bytes) -> None:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        for commit in (store / "commit").glob("*"):
            if b"\n" + start_of_payload in commit.read_bytes():
                return
        time.sleep(0.01)
    raise AssertionError("it never wrote")


def test_a_writer_killed_at_any_call_into_the_system_loses_nothing(tmp_path: Path) -> None:
    assert start("crash", str(tmp_path), "1" if ALL else "5").wait(SECONDS) == 0
    lives = sorted(tmp_path.iterdir())
    assert len(lives) > 20
    for life in lives:
        assert_nothing_lost(life)


def assert_nothing_lost(life: Path) -> None:
    store = FolderStore(life / "store")
    log = a_log(store)
    assert_recorded(store, (life / "acknowledged").read_text().splitlines())
    for command in COMMANDS:
        append(log, "case/1", key=command)
    log.publish()
    assert len(log.stream_entries("case/1")) == len(COMMANDS), life.name
    assert_sound(store)


def assert_recorded(store: Store, acknowledged: Iterable[str]) -> None:
    """Each acknowledged entry is there, with the index and hash that its writer was told."""
    log = a_log(store)
    for line in acknowledged:
        key, digest, index = line.split("\t")
        recorded = log.recorded(key)
        assert recorded is not None, f"{key} is lost"
        assert (recorded[0].leaf_hash.hex(), recorded[0].index) == (digest, int(index))


def torture(where: str, store: Store, folder: Path, kills: int, **environment: str) -> int:
    """Kill two writers again and again; the number of entries that were acknowledged."""
    writers = [
        start("torture", where, str(folder / name), name, str(kills), **environment)
        for name in ("one", "two")
    ]
    assert [writer.wait(1200) for writer in writers] == [0, 0]
    promised = 0
    for name in ("one", "two"):
        lines = (folder / name / "acknowledged").read_text().splitlines()
        assert_recorded(store, lines)
        promised += len(lines)
    log = a_log(store)
    cases = [entry for entry in log.entries(0, log.size) if entry.stream.startswith("case/")]
    assert promised <= len(cases) <= promised + 2, "the last of each was perhaps not told"
    log.publish()
    assert_sound(store)
    return promised


def report(capsys: pytest.CaptureFixture[str], where: str, kills: int, promised: int) -> None:
    with capsys.disabled():
        print(f"\n{where}: {2 * kills} writers killed, {promised} entries promised, none lost")


@pytest.mark.timeout(1500)
def test_writers_killed_at_any_moment_lose_nothing_in_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where, store = str(tmp_path / "store"), FolderStore(tmp_path / "store")
    promised = torture(where, store, tmp_path, FOLDER_KILLS)
    report(capsys, "folder", FOLDER_KILLS, promised)


@pytest.mark.timeout(1500)
def test_writers_killed_at_any_moment_lose_nothing_in_a_bucket(
    seaweed: Seaweed,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in seaweed.environment.items():
        monkeypatch.setenv(name, value)
    where = seaweed.store_url(seaweed.new_bucket(), "torture")
    store = open_store(where)
    promised = torture(where, store, tmp_path, BUCKET_KILLS)
    report(capsys, "SeaweedFS", BUCKET_KILLS, promised)
