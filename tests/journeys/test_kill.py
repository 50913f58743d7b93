"""Killed wherever something becomes lasting, a case goes on and ends as if nothing had been."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.builders import SAMPLES, a_house
from tests.journeys.examining import examine
from tests.journeys.served import ROOT, Served, ServedStory
from tests.journeys.story import People

# TEST_KILLS=all kills at every point; it takes minutes.
KILLS = os.environ.get("TEST_KILLS", "64")


@pytest.fixture
def small_case(tmp_path: Path) -> Path:
    """The silk shirt with one file of the buyer: decoding more of them teaches nothing here."""
    folder = tmp_path / "case"
    shutil.copytree(SAMPLES / "silk-shirt", folder)
    exhibits = json.loads((folder / "exhibits.json").read_text())
    for exhibit in [x for x in exhibits["exhibits"] if x["by"] == "BUYER"][1:]:
        exhibit["by"] = "NOBODY"
    (folder / "exhibits.json").write_text(json.dumps(exhibits))
    return folder


@pytest.mark.timeout(1800 if KILLS == "all" else 300)
def test_a_case_that_is_killed_anywhere_ends_with_everything_once(
    tmp_path: Path, small_case: Path
) -> None:
    verdicts = run_killing(tmp_path / "scratch", small_case)
    assert [verdict for verdict in verdicts if verdict["problems"]] == []
    assert KILLS == "all" or len(verdicts) == int(KILLS)
    # Every kind of point was met: names in the store, commits, money.
    met = {where for verdict in verdicts for where in verdict["where"]}
    assert {"after os.link", "before os.link"} <= met
    assert {"after DefaultDialect.do_commit", "before DefaultDialect.do_commit"} <= met


def run_killing(scratch: Path, case: Path) -> list[dict[str, Any]]:
    scratch.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.journeys.killing", scratch, case, KILLS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_served_portal_that_is_killed_again_and_again_finishes_the_case(
    tmp_path: Path, small_case: Path
) -> None:
    """Before the panel sits, in the middle of requests, and when the refund is due."""
    deaths = {"decline": "after", "vote 4": "during", "confirm": "after"}
    server = Served(tmp_path / "home")
    server.start()
    app = a_house(tmp_path / "home")
    story = ServedStory(app, small_case, people=People.of(app, small_case), server=server)
    story.deaths = deaths
    try:
        story.play()
    finally:
        server.stop()
    assert server.deaths == len(deaths)
    assert list(examine(story)) == []
