"""The demo's witness: a process of its own that comes, goes and returns with the portal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from ledger import open_store
from portal.association import NAME, demo_witness, prepare_witness
from portal.audit.vouching import vouched
from portal.config import Config
from portal.logbook import open_log

SECONDS = 120.0
KEEP = """
import sys
from portal.association import demo_witness
from portal.config import Config
with demo_witness(Config.for_folder(sys.argv[1], rehearsal=True)):
    print("here", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    config = Config.for_folder(tmp_path / "home", rehearsal=True)
    prepare_witness(config)
    return config


def publish_one(config: Config, key: str) -> list[str]:
    """One more entry, published; who cosigned it."""
    with closing(open_log(config, open_store(config.store_url))) as log:
        log.catch_up()
        log.append("some/stream", log.head("some/stream"), [b"x"], key=key)
        log.publish()
        return [each.name for each in vouched(log).witnesses]


def test_it_cosigns_while_the_block_lasts_and_after_a_restart(config: Config) -> None:
    with demo_witness(config) as asking:
        assert publish_one(asking, "one") == [NAME]
    assert publish_one(asking, "two") == []
    with demo_witness(config) as again:
        assert publish_one(again, "three") == [NAME]
    assert again.witness_policy is not None
    assert asking.witness_policy is not None
    assert again.witness_policy.witness_keys == asking.witness_policy.witness_keys


def test_a_second_process_asks_the_witness_that_runs(config: Config) -> None:
    with demo_witness(config), demo_witness(config) as second:
        assert publish_one(second, "one") == [NAME]


def test_nothing_is_started_where_no_demo_was_made(tmp_path: Path) -> None:
    config = Config.for_folder(tmp_path / "home")
    prepare_witness(config)
    with demo_witness(config) as same:
        assert same is config


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="known to Linux only")
def test_it_ends_also_when_the_portal_is_killed(config: Config) -> None:
    command = [sys.executable, "-c", KEEP, str(config.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as portal:
        assert portal.stdout is not None
        assert portal.stdout.readline() == b"here\n"
        (witness,) = _children(portal.pid)
        portal.send_signal(signal.SIGKILL)
    end = time.monotonic() + SECONDS
    while _runs(witness):
        assert time.monotonic() < end, "the witness outlived its portal"
        time.sleep(0.05)


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
