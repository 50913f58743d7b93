"""A disk that fails, and a process killed, at a chosen call into the system, by strace.

Tessera tests its POSIX storage like this. Each run is a process of its own, so by default only
some calls are chosen; all of them with TEST_KILLS=all in the environment. Skipped where strace
is missing or may not trace.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.checking.fsck import fsck, is_sound
from ledger.stores.folder import FolderStore
from tests.ledger.builders import SIGNER, a_log, append
from tests.ledger.writer import COMMANDS

ROOT = Path(__file__).parents[2]
ALL = os.environ.get("TEST_KILLS") == "all"
# How often a life makes each call, about; more than that and nothing is injected.
CALLS = {"fsync": 28, "linkat": 10, "mkdir": 13, "pwrite64": 42, "write": 14}
CHOSEN = {"fsync": (3, 14, 25), "linkat": (4, 9), "mkdir": (5,), "pwrite64": (7,), "write": (9,)}
POINTS = [
    pytest.param(call, number, id=f"{call} {number}")
    for call, count in CALLS.items()
    for number in (range(1, count + 1) if ALL else CHOSEN[call])
]


@pytest.fixture(scope="module", autouse=True)
def strace() -> None:
    if shutil.which("strace") is None:
        pytest.skip("no strace here: apt-get install strace")
    if subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True).returncode:
        pytest.skip("strace may not trace here")


def live(folder: Path, injected: str) -> int:
    """A short life under strace; how it ended."""
    call = injected.partition(":")[0]
    command = [
        "strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={call}", "-e", f"inject={injected}",
        sys.executable, "-m", "tests.ledger.writer", "live", str(folder),
    ]  # fmt: skip
    return subprocess.run(command, cwd=ROOT, capture_output=True, timeout=120).returncode


def assert_nothing_lost(folder: Path) -> int:
    """Everything acknowledged is there; the rest can be added; the log is sound."""
    store = FolderStore(folder / "store")
    log = a_log(store)
    acknowledged = folder / "acknowledged"
    lines = acknowledged.read_text().splitlines() if acknowledged.exists() else []
    for line in lines:
        key, digest, index = line.split("\t")
        recorded = log.recorded(key)
        assert recorded is not None, f"{key} is lost"
        assert (recorded[0].leaf_hash.hex(), recorded[0].index) == (digest, int(index))
    for command in COMMANDS:
        append(log, "case/1", key=command)
    log.publish()
    assert len(log.stream_entries("case/1")) == len(COMMANDS)
    findings = list(fsck(store, SIGNER.vkey))
    assert is_sound(findings), "\n".join(map(str, findings))
    return len(lines)


@pytest.mark.parametrize(("call", "number"), POINTS)
def test_a_disk_that_fails_once_loses_nothing(tmp_path: Path, call: str, number: int) -> None:
    ended = live(tmp_path, f"{call}:error=EIO:when={number}")
    told = assert_nothing_lost(tmp_path)
    if call not in ("write", "mkdir"):  # those are also how it begins, and how it tells
        assert (ended, told) == (0, len(COMMANDS)), "it asked again, and then it was there"


@pytest.mark.parametrize(("call", "number"), POINTS)
def test_a_process_killed_in_a_call_loses_nothing(tmp_path: Path, call: str, number: int) -> None:
    ended = live(tmp_path, f"{call}:signal=KILL:when={number}")
    assert ended in (0, -signal.SIGKILL, 128 + signal.SIGKILL)
    assert_nothing_lost(tmp_path)


def test_a_disk_that_fails_for_good_is_never_taken_for_one_that_does_not(tmp_path: Path) -> None:
    assert live(tmp_path, "fsync:error=EIO:when=12+") != 0
    told = assert_nothing_lost(tmp_path)
    assert told < len(COMMANDS)


def test_a_full_disk_is_never_taken_for_one_that_is_not(tmp_path: Path) -> None:
    assert live(tmp_path, "linkat:error=ENOSPC:when=3+") != 0
    assert assert_nothing_lost(tmp_path) < len(COMMANDS)
