"""`mingan play` and `mingan init --demo` as a visitor runs them, with portals of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from portal.cli import main
from portal.config import Config
from portal.installing import TOKEN_FILE, install
from portal.rehearsal.renewal import Renewal, renew_order
from portal.rehearsal.server import OwnServer, own_server
from tests.builders import SAMPLES

ROOT = Path(__file__).parents[2]
SECONDS = 240
STATES = {
    "EXECUTED": 2,
    "APPEAL_WINDOW": 1,
    "DELIBERATION": 1,
    "SEATING": 1,
    "NEGOTIATION": 1,
    "AWAITING_RESPONDENT": 2,
}


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (name for name in os.environ if name.startswith("MINGAN_")):
        monkeypatch.delenv(name)
    monkeypatch.setenv("LC_ALL", "en")
    monkeypatch.setenv("MINGAN_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def server() -> Iterator[OwnServer]:
    """The portal that `mingan play` starts for itself, kept for several plays."""
    with own_server() as server:
        yield server


def play(server: OwnServer, folder: Path, out: Path) -> tuple[int, dict[str, Any]]:
    where = ["--url", server.url, "--token-file", str(server.home / TOKEN_FILE)]
    status = main(["play", str(folder), "--out", str(out), *where])
    return status, json.loads((out / "summary.json").read_text())


@pytest.mark.parametrize("sample", ["silk-shirt", "down-jacket"])
def test_a_sample_ends_as_expected_with_money_and_a_record_that_holds(
    server: OwnServer, sample: str, tmp_path: Path
) -> None:
    expected = json.loads((SAMPLES / sample / "expected.json").read_text())
    status, summary = play(server, SAMPLES / sample, tmp_path)
    assert status == 0
    assert summary["outcome"] == expected["outcome"]
    assert summary["refund_fen"] == expected["refund_amount_fen"]
    assert summary["compensation_fen"] == expected["compensation_fen"]
    assert (summary["refund_state"], summary["verified"]) == ("SUCCESS", True)
    assert [receipt["who"] for receipt in summary["receipts"]].count("buyer") >= 2
    for program in (["ledger", "verify"], ["reviewers", "recompute"], ["reviewers", "recount"]):
        command = [sys.executable, "-m", *program, str(tmp_path / "bundle.zip")]
        assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0


def test_an_end_that_was_not_expected_is_status_3(
    server: OwnServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    story = tmp_path / "story"
    story.mkdir()
    order = renew_order((SAMPLES / "down-jacket" / "order.json").read_bytes(), Renewal("ab12"))
    (story / "order.json").write_bytes(order)
    (story / "claim.json").write_bytes((SAMPLES / "down-jacket" / "claim.json").read_bytes())
    (story / "expected.json").write_text('{"outcome": "REJECTED"}')
    status, summary = play(server, story, tmp_path / "out")
    assert (status, summary["outcome"]) == (3, "DEFAULT_UPHELD")
    said = capsys.readouterr().out
    assert "not as expected: outcome: expected REJECTED, found DEFAULT_UPHELD" in said


def test_a_play_that_is_ended_takes_its_portal_with_it() -> None:
    playing = subprocess.Popen(
        [sys.executable, "-m", "portal", "play", str(SAMPLES / "silk-shirt")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert playing.stdout is not None
    playing.stdout.readline()  # the first step is done, so the portal is there
    server = int(Path(f"/proc/{playing.pid}/task/{playing.pid}/children").read_text().split()[0])
    playing.send_signal(signal.SIGTERM)
    playing.communicate(timeout=SECONDS)
    assert playing.returncode == 1
    end = time.monotonic() + SECONDS
    while Path(f"/proc/{server}").exists():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_the_demo_has_people_who_can_sign_in_and_cases_in_every_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MINGAN_REHEARSAL", "1")
    assert main(["init", "--demo"]) == 0
    first = capsys.readouterr().out
    assert {state: first.count(f"  {state}\n") for state in STATES} == STATES
    assert all(f"{who}@demo.example" in first for who in ("buyer", "merchant", "association"))
    assert "— association.example/witness " in (tmp_path / "home/store/checkpoint").read_text()
    assert (tmp_path / "home" / "logins.txt").stat().st_mode & 0o777 == 0o600
    assert main(["init", "--demo"]) == 0
    assert first.endswith(capsys.readouterr().out.partition("operator.token\n")[2])
    size = projected()
    assert main(["verify"]) == 0
    assert size == projected()


def projected() -> int:
    with closing(install(Config.from_environ(os.environ))) as installed:
        return installed.house.projection.size()
