"""The command line as an auditor uses it: what it prints, what it answers, what it keeps secret."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ledger.__main__ import main
from ledger.commands.progress import Bar, draw
from ledger.stores.folder import FolderStore
from tests.ledger.builders import ORIGIN, SIGNER, a_busy_log, a_store

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def private_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the person who runs the tests is touched."""
    monkeypatch.setenv("MINGAN_LEDGER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def log(capsys: pytest.CaptureFixture[str]) -> str:
    """A fresh log in ./log; its store as a person types it."""
    assert main(["init", "log", "--origin", ORIGIN]) == 0
    capsys.readouterr()
    return "log"


class Told:
    """What a command said with --json, and its exit status."""

    def __init__(self, status: int, facts: dict[str, Any]) -> None:
        self.status = status
        self.facts = facts

    def __getitem__(self, name: str) -> Any:
        return self.facts[name]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Any:
    def run_json(*arguments: str) -> Told:
        status = main([*arguments, "--json"])
        printed = capsys.readouterr()
        assert printed.err == ""
        facts = json.loads(printed.out)
        assert facts["ok"] is (status == 0)
        return Told(status, facts)

    return run_json


def a_file(content: bytes, name: str = "note") -> str:
    Path(name).write_bytes(content)
    return name


def run(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own, where any warning is an error."""
    command = [sys.executable, "-W", "error", "-m", "ledger", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, input=given, capture_output=True, env=environment, check=False)


def main_error(*arguments: str) -> str:
    """What a command that fails says."""
    done = run(*arguments)
    assert done.returncode == 1
    return done.stderr.decode()


def test_init_keeps_the_private_keys_outside_of_the_store_for_their_owner_only(
    log: str, tmp_path: Path
) -> None:
    folder = tmp_path / "home" / ORIGIN.replace("/", "_")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in ("log.key", "master.key"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    master = (folder / "master.key").read_bytes().strip()
    private = re.findall(rb"PRIVATE\+KEY\S+", (folder / "log.key").read_bytes())
    stored = b"".join(path.read_bytes() for path in Path(log).rglob("*") if path.is_file())
    assert len(private) == 2
    assert not any(secret in stored for secret in (master, *private))


def test_init_again_changes_nothing(log: str, ask: Any) -> None:
    before = ask("keys", log)["vkeys"]
    assert ask("init", log, "--origin", ORIGIN)["vkeys"] == before
    assert ask("init", log, "--origin", "other.example/log").status == 1
    assert ask("keys", log)["vkeys"] == before


def test_the_same_key_prints_the_same_index_also_from_another_process(log: str, ask: Any) -> None:
    name = a_file(b"hello")
    first = ask("append", log, "--stream", "case/1", "--key", "once", name)
    ask("append", log, "--stream", "case/1", name)
    done = run("append", log, "--stream", "case/1", "--key", "once", "--json", name)
    assert done.stderr == b""
    assert json.loads(done.stdout)["index"] == first["index"] == 0


def test_a_key_does_not_serve_for_two_streams(log: str, ask: Any) -> None:
    ask("append", log, "--stream", "a", "--key", "once", a_file(b"x"))
    assert "stream a" in ask("append", log, "--stream", "b", "--key", "once", a_file(b"x"))["error"]


def test_expected_refuses_when_the_stream_has_moved(log: str, ask: Any) -> None:
    name = a_file(b"hello")
    assert ask("append", log, "--stream", "a", "--expected", "0", name).status == 0
    refused = ask("append", log, "--stream", "a", "--expected", "0", name)
    assert refused.status == 1
    assert "has 1 entries, not 0" in refused["error"]
    assert "show" in refused["advice"]


@pytest.mark.parametrize(
    ("content", "kind", "fields"),
    [
        (b'{"type":"claim.filed","amount_fen":12900}', "claim.filed", {"amount_fen": 12900}),
        (b'{"type":"not a type"}', "note", {"type": "not a type"}),
        ("与承诺不符\n".encode(), "note", {"text": "与承诺不符\n"}),
        (b'{"a":1.5}', "note", {"text": '{"a":1.5}'}),
        (b'{"a":1,"a":2}', "note", {"text": '{"a":1,"a":2}'}),
        (b'{"_sd":[]}', "note", {"text": '{"_sd":[]}'}),
        (b"[1]", "note", {"text": "[1]"}),
        (b"\xff\x00", "note", {"base64": "/wA="}),
        (b"", "note", {"text": ""}),
    ],
)
def test_what_was_appended_is_shown_again(
    log: str, ask: Any, content: bytes, kind: str, fields: dict[str, Any]
) -> None:
    ask("append", log, "--stream", "a", a_file(content))
    (entry,) = ask("show", log, "a")["entries"]
    assert (entry["state"], entry["type"], entry["fields"]) == ("open", kind, fields)


def test_an_entry_is_sealed_unless_plain_is_asked_for(log: str, ask: Any, tmp_path: Path) -> None:
    ask("append", log, "--stream", "a", a_file(b"a secret of somebody"))
    ask("append", log, "--stream", "b", "--plain", a_file(b"an open word"))
    stored = b"".join(path.read_bytes() for path in Path(log).rglob("*") if path.is_file())
    assert b"a secret of somebody" not in stored
    assert b"an open word" in stored
    assert ask("show", log, "1")["entries"][0]["text"] == "an open word"


def test_standard_input_is_a_dash(log: str) -> None:
    done = run("append", log, "--stream", "a", "-", given="标准输入".encode())
    assert done.stdout == b"entry 0: number 0 of stream a\n"
    assert "标准输入" in run("show", log, "0").stdout.decode()


def test_lines_are_one_entry_each_and_the_same_call_twice_adds_nothing(log: str, ask: Any) -> None:
    lines = a_file(b"".join(b"line %d\n" % number for number in range(1000)) + b"\nlast")
    first = ask("append", log, "--stream", "a", "--lines", "--key", "k", lines)
    again = ask("append", log, "--stream", "a", "--lines", "--key", "k", lines)
    assert first.facts == again.facts
    assert first["count"] == 1002
    shown = [each["fields"]["text"] for each in ask("show", log, "a")["entries"]]
    assert shown == [f"line {number}" for number in range(1000)] + ["", "last"]


def test_more_lines_than_a_command_may_have_become_several(log: str, ask: Any) -> None:
    lines = a_file(b"x\n" * 70_000)
    told = ask("append", log, "--stream", "a", "--lines", "--plain", "--expected", "0", lines)
    assert (told["count"], len(told["ranges"])) == (70_000, 2)
    assert ask("append", log, "--stream", "a", "--expected", "70000", a_file(b"end")).status == 0
    assert ask("fsck", log).status == 0


def test_nothing_to_append_is_said(log: str, ask: Any) -> None:
    assert "empty" in ask("append", log, "--stream", "a", "--lines", a_file(b""))["error"]


def test_a_receipt_is_checked_offline_against_the_keys(log: str, ask: Any) -> None:
    ask("append", log, "--stream", "a", a_file(b"hello"))
    ask("prove", log, "0", "--out", "r.tlog-proof", "--entry", "r.entry")
    vkey = ask("keys", log)["vkeys"][0]
    checked = ("verify", "r.tlog-proof", "--vkey", vkey)
    assert ask(*checked, "--entry", "r.entry").status == 0
    assert ask(*checked).status == 0
    Path("r.entry").write_bytes(b"something else")
    assert ask(*checked, "--entry", "r.entry").status == 1
    assert ask("verify", "r.tlog-proof", "--vkey", SIGNER.vkey).status == 1
    assert "--vkey" in ask("verify", "r.tlog-proof")["advice"]


def test_a_bundle_is_checked_offline_and_one_flipped_bit_is_found(log: str, ask: Any) -> None:
    ask("append", log, "--stream", "a", a_file(b'{"who":"somebody"}'))
    ask("bundle", log, "a", "--out", "a.zip", "--disclose", "--extra", a_file(b"x", "photo.txt"))
    Path("keys").write_text("\n".join(ask("keys", log)["vkeys"]))
    assert ask("verify", "a.zip", "--vkey", "keys").status == 0
    content = bytearray(Path("a.zip").read_bytes())
    content[len(content) // 2] ^= 1
    Path("a.zip").write_bytes(content)
    assert ask("verify", "a.zip", "--vkey", "keys").status == 1


def test_a_store_in_which_nothing_is_signed_is_not_called_sound(log: str, ask: Any) -> None:
    ask("append", log, "--stream", "a", a_file(b"hello"))
    vkey = ask("keys", log)["vkeys"][0]
    assert ask("verify", log, "--vkey", vkey).status == 1
    ask("publish", log)
    assert ask("verify", log, "--vkey", vkey).status == 0
    shutil.rmtree(Path(log) / "checkpoints")
    (Path(log) / "checkpoint").unlink()
    assert ask("verify", log, "--vkey", vkey).status == 1


def test_a_store_that_was_rolled_back_is_not_signed_again(log: str, ask: Any) -> None:
    ask("append", log, "--stream", "a", a_file(b"one"))
    ask("publish", log)
    shutil.copytree(log, "older")
    ask("append", log, "--stream", "a", a_file(b"two"))
    ask("publish", log)
    assert "rolled back" in main_error("publish", "older")


def test_an_entry_cannot_write_on_the_terminal(log: str, ask: Any) -> None:
    given = a_file(b"ok\nentry 99, number 1 of stream b\n\x1b[2J")
    ask("append", log, "--stream", "a", given)
    lines = run("show", log, "a").stdout.decode().splitlines()
    assert not any(line.startswith("entry 99") or "\x1b" in line for line in lines)


def test_that_there_is_no_such_stream_can_be_proven(log: str, ask: Any) -> None:
    ask("append", log, "--stream", "a", a_file(b"hello"))
    assert ask("bundle", log, "nobody", "--out", "none.zip").status == 0
    found = ask("verify", "none.zip", "--vkey", ask("keys", log)["vkeys"][0])
    assert found.status == 0
    assert any("no" in each["text"] and "nobody" in each["text"] for each in found["findings"])


def test_erasure_destroys_the_content_and_leaves_every_proof(log: str, ask: Any) -> None:
    ask("append", log, "--stream", "a", a_file(b"a name"))
    ask("prove", log, "0", "--out", "before.tlog-proof", "--entry", "before.entry")
    erased = ask("erase", log, "a")
    assert ask("erase", log, "a")["index"] == erased["index"]
    first, last = ask("show", log, "a")["entries"]
    assert first["note"] == "content erased, place and chain intact"
    assert (first["state"], last["state"]) == ("erased", "erasure")
    vkey = ask("keys", log)["vkeys"][0]
    proof = ("verify", "before.tlog-proof", "--entry", "before.entry", "--vkey", vkey)
    assert ask(*proof).status == 0
    assert ask("fsck", log, "--vkey", vkey).status == 0


def test_after_an_erasure_a_stream_goes_on_under_a_new_key(log: str, ask: Any) -> None:
    ask("append", log, "--stream", "a", a_file(b"one"))
    ask("erase", log, "a")
    ask("append", log, "--stream", "a", a_file(b"two"))
    states = [each["state"] for each in ask("show", log, "a")["entries"]]
    assert states == ["erased", "erasure", "open"]


def test_a_lost_note_of_a_streams_key_costs_nothing(log: str, ask: Any, tmp_path: Path) -> None:
    ask("append", log, "--stream", "a", a_file(b"one"))
    for note in (tmp_path / "home").rglob("streams/*"):
        note.unlink()
    ask("append", log, "--stream", "a", a_file(b"two"))
    kids = {each["kid"] for each in ask("show", log, "a")["entries"]}
    assert len(kids) == 1


def test_an_auditor_without_keys_reads_and_proves_what_is_published(log: str, ask: Any) -> None:
    ask("append", log, "--stream", "a", a_file(b"sealed"))
    auditor = ("--secrets", "nowhere")
    assert ask("show", log, "0", *auditor)["entries"][0]["state"] == "sealed"
    assert "not published" in ask("prove", log, "0", "--out", "r", *auditor)["error"]
    ask("publish", log)
    before = {path: path.stat().st_mtime_ns for path in Path(log).rglob("*")}
    assert ask("prove", log, "0", "--out", "r", *auditor).status == 0
    assert ask("bundle", log, "a", "--out", "a.zip", *auditor).status == 0
    assert {path: path.stat().st_mtime_ns for path in Path(log).rglob("*")} == before
    assert "--secrets" in ask("append", log, "--stream", "a", a_file(b"x"), *auditor)["advice"]


def test_a_sound_store_is_sound_and_a_spoiled_one_is_not(tmp_path: Path, ask: Any) -> None:
    a_busy_log(a_store(tmp_path)).close()
    store = FolderStore(tmp_path / "store")
    for form in ("store", "./store", f"folder:{tmp_path}/store"):
        assert ask("verify", form, "--vkey", SIGNER.vkey).status == 0
    bundle = next(key for key in store.keys("tile/entries/"))
    store.delete(bundle)
    found = ask("fsck", "store")
    assert found.status == 1
    assert any(each["level"] == "BROKEN" and bundle in each["text"] for each in found["findings"])


def test_fsck_repairs_what_follows_from_the_commits(tmp_path: Path, log: str, ask: Any) -> None:
    ask("append", log, "--stream", "a", a_file(b"hello"))
    ask("publish", log)
    before = {path: path.read_bytes() for path in Path(log, "tile").rglob("*") if path.is_file()}
    for path in before:
        path.unlink()
    ask("fsck", log, "--repair")
    assert {path: path.read_bytes() for path in before} == before
    assert ask("fsck", log).status == 0


def test_another_key_than_the_stores_is_found(tmp_path: Path, log: str, ask: Any) -> None:
    assert ask("verify", log, "--vkey", SIGNER.vkey).status == 1
    both = " ".join(verifier.vkey for verifier in SIGNER.verifiers)
    assert ask("verify", log, "--vkey", both).status == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "nowhere", "0"],
        ["verify", "nowhere.zip"],
        ["append", "nowhere", "--stream", "a", "note"],
        ["fsck", "ftp://host/x"],
        ["publish", "s3://bucket/x?acl=public"],
        ["verify", "log", "--vkey", "nonsense+"],
        ["verify", "log", "--policy", "note"],
        ["append", "log", "--stream", "a", "no such file"],
        ["append", "log", "--stream", "a b", "note"],
        ["append", "log", "--stream", "ledger/map", "note"],
        ["append", "log", "--stream", "a", "--plain", "large"],
        ["show", "log", "99"],
        ["show", "log", "nobody"],
        ["erase", "log", "nobody"],
        ["init", "other", "--origin", "not a name"],
        ["witness", "no such file"],
        ["mirror", "note"],
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(log: str, arguments: Sequence[str]) -> None:
    a_file(b"hello")
    a_file(bytes(70_000), "large")
    done = run(*arguments)
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert done.stderr.strip()


def test_the_store_of_another_master_key_is_not_opened(log: str, ask: Any, tmp_path: Path) -> None:
    ask("append", log, "--stream", "a", a_file(b"hello"))
    path = next((tmp_path / "home").rglob("master.key"))
    path.write_text("ab" * 32)
    assert ask("show", log, "0")["entries"][0]["state"] == "sealed"
    path.chmod(0o644)
    assert "chmod 600" in ask("show", log, "0")["advice"]


def test_a_probe_names_each_promise(log: str, ask: Any) -> None:
    told = ask("probe", log, "--deep")
    assert told.status == 0
    assert {"create twice", "race to create"} <= {each["name"] for each in told["checks"]}


def test_publishing_again_writes_nothing(log: str, ask: Any) -> None:
    ask("append", log, "--stream", "a", a_file(b"hello"))
    assert ask("publish", log)["size"] == 2
    assert ask("publish", log)["size"] == 2


def test_nonsense_on_the_command_line_answers_2() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["append"])
    assert ended.value.code == 2


def test_serve_says_where_it_listens(log: str) -> None:
    command = [sys.executable, "-m", "ledger", "serve", log, "--port", "0", "--json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
    try:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["url"].startswith("http://127.0.0.1:")
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("columns", [0, 10, 20, 40, 80, 400])
@pytest.mark.parametrize("total", [0, 5, 1_000_000])
def test_a_progress_bar_never_breaks_the_line(columns: int, total: int) -> None:
    assert len(draw(1_234_567, total, 500_000.0, columns)) <= max(columns, 0)


def test_no_bar_is_drawn_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with Bar(10) as bar:
        bar.move(5)
    assert capsys.readouterr().err == ""
