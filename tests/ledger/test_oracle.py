"""Software that we did not write agrees with the log, and with every change it does not."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from ledger import EMPTY, Append, Log
from ledger.entry import command_digest
from ledger.request import Request
from ledger.stores.folder import FolderStore
from tests.ledger.builders import a_busy_log, a_log, a_store, append
from tests.ledger.golang import build_oracle


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_oracle(tmp_path_factory.mktemp("go"))


def ask(oracle: Path, *arguments: Path) -> tuple[int, str]:
    """Its status, and what it says."""
    asked = subprocess.run([oracle, *arguments], capture_output=True, text=True, timeout=60)
    return asked.returncode, asked.stdout + asked.stderr


def fill(log: Log, size: int) -> None:
    """Plain entries, so that with the map the log has this size."""
    appends, head = [], EMPTY
    for number in range(size - 1 - log.size):
        appends.append(Append("pool", head, [b"%d" % number], f"{number}"))
        head = Request("pool", head, [b"%d" % number], command_digest(f"{number}"), "-").head_after
    log.append_all(appends)
    assert log.publish().size == size


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 70_000])
def test_go_proves_every_entry_of_a_log_of(oracle: Path, tmp_path: Path, size: int) -> None:
    fill(a_log(a_store(tmp_path)), size)
    assert ask(oracle, tmp_path / "store") == (0, f"{size}\n")


def test_go_follows_a_log_through_every_checkpoint(oracle: Path, tmp_path: Path) -> None:
    store = a_store(tmp_path)
    log = a_log(store)
    for count in (1, 3, 200, 50, 1, 1, 300, 7):
        append(log, "pool", count)
        log.publish()
    assert len(list(store.keys("checkpoints/"))) == 8
    assert ask(oracle, tmp_path / "store") == (0, f"{log.size}\n")


def test_go_accepts_receipts_for_their_entries_only(oracle: Path, tmp_path: Path) -> None:
    log = a_busy_log(a_store(tmp_path))
    files = []
    for entry in log.entries(0, log.size):
        receipt = tmp_path / f"{entry.index}.tlog-proof"
        receipt.write_text(log.receipt(entry.index), encoding="utf-8")
        (tmp_path / f"{entry.index}").write_bytes(entry.raw)
        files += [receipt, tmp_path / f"{entry.index}"]
    assert ask(oracle, tmp_path / "store", *files) == (0, f"{log.size}\n")
    assert ask(oracle, tmp_path / "store", files[0], files[3])[0] == 1


OBJECTS = (
    "checkpoint",
    "checkpoints/00000000000000000007",
    "log.vkey",
    "tile/0/000.p/7",
    "tile/0/000.p/10",
    "tile/entries/000.p/10",
)


@pytest.mark.parametrize("place", [0.0, 0.4, 0.999])
@pytest.mark.parametrize("key", OBJECTS)
def test_go_refuses_what_one_flipped_bit_changed(
    oracle: Path, tmp_path: Path, key: str, place: float
) -> None:
    a_busy_log(FolderStore(tmp_path / "store"))
    path = tmp_path / "store" / key
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 4
    path.write_bytes(bytes(content))
    assert ask(oracle, tmp_path / "store")[0] != 0


def test_go_refuses_a_log_that_was_cut_short(oracle: Path, tmp_path: Path) -> None:
    a_busy_log(FolderStore(tmp_path / "store"))
    shutil.copy(tmp_path / "store/tile/0/000.p/7", tmp_path / "store/tile/0/000.p/10")
    assert ask(oracle, tmp_path / "store")[0] != 0
