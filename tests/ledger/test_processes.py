"""Several processes on one folder, and processes that are killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ledger import open_entry
from ledger.folder import FolderStore
from ledger.fsck import fsck, is_sound
from tests.ledger.builders import DATA_KEY, SIGNER, a_log, append
from tests.ledger.writer import COMMANDS

ROOT = Path(__file__).parents[2]


def start(*arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-W", "error", "-m", "tests.ledger.writer", *arguments]
    return subprocess.Popen(command, cwd=ROOT)


def test_racing_processes_each_get_every_entry_in_once(tmp_path: Path) -> None:
    count = 25
    writers = [start("race", str(tmp_path / "store"), name, str(count)) for name in ("甲", "乙")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    store = FolderStore(tmp_path / "store")
    entries = a_log(store).stream_entries("shared")
    fields = [[field.value for field in open_entry(entry, DATA_KEY)] for entry in entries]
    assert [entry.seq for entry in entries] == list(range(2 * count))
    assert sorted(fields) == sorted([name, n] for name in ("甲", "乙") for n in range(count))
    assert is_sound(fsck(store, SIGNER.vkey))


def test_a_writer_killed_anywhere_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    assert start("crash", str(tmp_path)).wait(120) == 0
    lives = sorted(tmp_path.iterdir())
    assert len(lives) > 50
    for life in lives:
        assert_nothing_lost(life)


def assert_nothing_lost(life: Path) -> None:
    lines = (life / "acknowledged").read_text().splitlines()
    store = FolderStore(life / "store")
    log = a_log(store)
    for command, digest in map(str.split, lines):
        recorded = log.recorded(command)
        assert recorded is not None, life.name
        assert recorded[0].leaf_hash.hex() == digest, life.name
    for command in COMMANDS:
        append(log, "case/1", key=command)
    assert log.size == len(COMMANDS), life.name
    log.publish()
    assert is_sound(fsck(store, SIGNER.vkey)), life.name
