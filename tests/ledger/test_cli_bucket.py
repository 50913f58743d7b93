"""The command line over a bucket of a real S3 server: the same words, the usual AWS settings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ledger.__main__ import main
from tests.ledger.builders import ORIGIN
from tests.seaweed import Seaweed, seaweed  # noqa: F401 - a fixture


def test_the_same_commands_work_on_a_bucket(
    seaweed: Seaweed,  # noqa: F811 - the fixture
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MINGAN_LEDGER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", seaweed.endpoint)
    for name, value in seaweed.environment.items():
        monkeypatch.setenv(name, value)
    store = f"s3://{seaweed.new_bucket(object_lock=True)}/logs/one"
    lines, bundle = tmp_path / "lines", tmp_path / "case.zip"
    lines.write_text("".join(f"line {number}\n" for number in range(600)))
    append = ["append", store, "--stream", "case/1", "--lines", "--key", "once", str(lines)]
    assert main(["init", store, "--origin", ORIGIN]) == 0
    assert main(append) == 0
    assert main(append) == 0
    assert main(["publish", store]) == 0
    assert main(["bundle", store, "case/1", "--out", str(bundle)]) == 0
    capsys.readouterr()
    assert main(["keys", store, "--json"]) == 0
    vkey = json.loads(capsys.readouterr().out)["vkeys"][0]
    assert main(["verify", str(bundle), "--vkey", vkey]) == 0
    assert main(["verify", store, "--vkey", vkey]) == 0
    assert main(["erase", store, "case/1"]) == 0
    assert main(["fsck", store, "--vkey", vkey]) == 0
    assert main(["probe", store]) == 0
    assert main(["publish", store.replace("one", "two")]) == 1


def test_a_bucket_that_is_not_there_is_said(
    seaweed: Seaweed,  # noqa: F811 - the fixture
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in seaweed.environment.items():
        monkeypatch.setenv(name, value)
    url = f"s3://no-such-bucket/x?endpoint={seaweed.endpoint}"
    assert main(["fsck", url]) == 1
    assert "error: " in capsys.readouterr().err
