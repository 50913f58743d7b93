"""Killed between a ballot and its slip, and between the close and the opening: once, and all."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from portal.config import Config
from portal.logkey import read_or_make_log_key
from tests.house.source import ROOT
from tests.keyholders import Keyholders, keyholders

# TEST_KILLS=all kills at every point; it takes minutes.
KILLS = os.environ.get("TEST_KILLS", "3")


@dataclass(frozen=True)
class Laboratory:
    """A panel of which six have voted, to be copied; the trustees run throughout."""

    folder: Path
    three: Keyholders

    def run(self, home: Path, act: str, deadly: int = 0) -> subprocess.CompletedProcess[str]:
        module = ["-m", "tests.portal.trustees.killed", str(home), str(self.three.settings)]
        command = [sys.executable, *module, act, str(deadly)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    def copy(self, name: str, source: str = "template") -> Path:
        home = self.folder / name
        shutil.copytree(self.folder / source, home)
        return home

    def points(self, act: str, source: str) -> list[int]:
        """Where to kill: a few, evenly spread, or all."""
        home = self.copy(f"undisturbed-{act}", source)
        done = self.run(home, act)
        assert done.returncode == 0, done.stderr
        count = len((home / "points").read_text().splitlines())
        wanted = count if KILLS == "all" else min(int(KILLS), count)
        return sorted({1 + step * (count - 1) // max(wanted - 1, 1) for step in range(wanted)})


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    tmp_path = tmp_path_factory.mktemp("killed")
    config = Config.for_folder(tmp_path / "template")
    log = read_or_make_log_key(config.keys_folder / "log.key", config.origin)
    with keyholders(tmp_path / "trustees", [each.vkey for each in log.verifiers]) as three:
        made = Laboratory(tmp_path, three)
        done = made.run(tmp_path / "template", "prepare")
        assert done.returncode == 0, done.stderr
        yield made


@pytest.mark.timeout(1800)
def test_a_vote_that_is_killed_anywhere_counts_once_and_has_its_slip(
    laboratory: Laboratory,
) -> None:
    for point in laboratory.points("vote", "template"):
        home = laboratory.copy(f"vote-{point}")
        assert laboratory.run(home, "vote", point).returncode == -signal.SIGKILL
        again = laboratory.run(home, "vote")
        assert again.returncode == 0, again.stderr
        told = json.loads(again.stdout)
        assert told["slips"].count(told["slip"]) == 1, point
        assert (len(told["slips"]), told["closings"]) == (7, 1), point


@pytest.mark.timeout(1800)
def test_an_opening_that_is_killed_anywhere_opens_everything_once(laboratory: Laboratory) -> None:
    closed = laboratory.copy("closed")
    assert laboratory.run(closed, "vote").returncode == 0
    for point in laboratory.points("open", "closed"):
        home = laboratory.copy(f"open-{point}", "closed")
        assert laboratory.run(home, "open", point).returncode == -signal.SIGKILL
        last = laboratory.run(home, "open")
        assert last.returncode == 0, last.stderr
        told = json.loads(last.stdout)
        assert told["valid"] == [True] * 7, point
        assert (told["keys"], told["rulings"], told["closings"]) == (7, 1, 1), point
        assert told["peeled"] == 1, point
