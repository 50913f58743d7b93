"""The command line: what it prints, what it answers."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest

from ledger import keys, write_bundle
from ledger.__main__ import main
from ledger.folder import FolderStore
from tests.ledger.builders import SIGNER, a_busy_log, a_store

ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    store = a_store(tmp_path)
    a_busy_log(store)
    return store


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    target = BytesIO()
    write_bundle(target, a_busy_log(a_store(tmp_path / "other")), "case/1", {}, {})
    path = tmp_path / "bundle.zip"
    path.write_bytes(target.getvalue())
    return path


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "ledger", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_sound_bundle_answers_0(bundle: Path) -> None:
    done = run("verify", str(bundle), "--key", SIGNER.vkey)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("sound\n")
    assert "signature holds" in done.stdout


def test_a_spoiled_bundle_answers_1_and_says_where(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = bundle.read_bytes()
    bundle.write_bytes(content.replace(b'"type":"evidence.added"', b'"type":"evidence.addef"'))
    assert main(["verify", str(bundle)]) == 1
    printed = capsys.readouterr().out
    assert "BROKEN" in printed
    assert "entries/6.json" in printed
    assert printed.endswith("NOT sound\n")


@pytest.mark.parametrize("form", ["{}", "folder:{}"])
def test_a_sound_store_answers_0(
    store: FolderStore, tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    target = form.format(tmp_path / "store")
    assert main(["verify", target, "--key", SIGNER.vkey]) == 0
    assert main(["verify", target]) == 0
    assert "own claim" in capsys.readouterr().out


def test_a_spoiled_store_answers_1(
    store: FolderStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store.delete("tile/0/000.p/8")
    assert main(["verify", str(tmp_path / "store")]) == 1
    assert "BROKEN  tile/0/000.p/8: missing" in capsys.readouterr().out


@pytest.mark.parametrize("target", ["nowhere", "ftp://host/x", "s3://bucket/x?acl=public"])
def test_what_cannot_be_checked_answers_2(
    target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = str(tmp_path / target) if target == "nowhere" else target
    assert main(["verify", target]) == 2
    assert "cannot check" in capsys.readouterr().err


def test_a_malformed_key_answers_2_rather_than_blaming_the_store(
    store: FolderStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(tmp_path / "store"), "--key", "nonsense"]) == 2
    assert "cannot check" in capsys.readouterr().err


def test_keygen_writes_a_private_key_and_prints_the_public_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "log.key"
    assert main(["keygen", "ledger.example/mingan", "--out", str(path)]) == 0
    assert keys.load(path).vkey == capsys.readouterr().out.strip()
    assert main(["keygen", "ledger.example/mingan", "--out", str(path)]) == 2
    assert main(["keygen", "not a name", "--out", str(tmp_path / "x")]) == 2
