"""`mingan check-refunds`: one line each, or JSON; the exit status says whether all hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from portal.cli import main


@pytest.fixture
def home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Path:
    monkeypatch.setenv("MINGAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LANG", "en")
    assert main(["init"]) == 0
    capsys.readouterr()
    return tmp_path / "home"


def test_the_command_says_which_rule_is_broken(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check-refunds", "--json", "--full"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["ok"]
    assert [each["name"] for each in document["findings"]] == [f"I{n}" for n in range(1, 19)]
    database = create_engine(f"sqlite:///{home / 'mingan.sqlite'}")
    with database.begin() as connection:
        connection.execute(text("DROP TRIGGER journal_entry_stays"))
    database.dispose()
    assert main(["check-refunds"]) == 1
    said = capsys.readouterr().out
    assert "journal_entry_stays" in said
    assert said.count("BROKEN") == 1
