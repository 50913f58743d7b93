"""Killed wherever something becomes lasting, a case goes on and ends as if nothing had been."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest

from tests.builders import SAMPLES, a_house
from tests.journeys.cast import People
from tests.journeys.examining import examine
from tests.journeys.served import ROOT, Served, ServedStory

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


@pytest.mark.timeout(3600 if KILLS == "all" else 1800)
def test_a_case_that_is_killed_anywhere_ends_with_everything_once(
    tmp_path: Path, small_case: Path
) -> None:
    verdicts = run_killing(tmp_path / "scratch", small_case)
    assert [verdict for verdict in verdicts if verdict["problems"]] == []
    assert sum(1 for verdict in verdicts if verdict["where"]) >= 60
    met = {where for verdict in verdicts for where in verdict["where"]}
    assert met == {f"{when} {what}" for when in ("before", "after") for what in LASTING}


# Names in the store, its one pointer, commits of the database, money.
LASTING = ("os.link", "os.replace", "DefaultDialect.do_commit", "Caller.call")


def run_killing(scratch: Path, case: Path) -> list[dict[str, Any]]:
    scratch.mkdir()
    program = [sys.executable, "-m", "tests.journeys.killing", scratch, case, KILLS]
    with subprocess.Popen(
        program, cwd=ROOT, stdout=PIPE, stderr=PIPE, text=True, start_new_session=True
    ) as process:
        try:
            told, complaints = process.communicate()
        except BaseException:  # time is up: its children must end with it
            os.killpg(process.pid, signal.SIGKILL)
            raise
    assert process.returncode == 0, complaints
    return [json.loads(line) for line in told.splitlines()]


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
