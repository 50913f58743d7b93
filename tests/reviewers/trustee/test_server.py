"""A trustee on the wire: who may ask, how much, and what it keeps over a restart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest

from reviewers.envelope import Context, seal
from reviewers.trustee.__main__ import SETTINGS, TOKEN, main, make
from reviewers.trustee.config import load_config
from reviewers.trustee.keeping import JOURNAL, load_key, open_keeper
from reviewers.trustee.server import MOST_BYTES
from tests.keyholders import NAMES, Keyholders, keyholders
from tests.reviewers.trustee.closings import Field, a_field, first


@pytest.fixture
def field(tmp_path: Path) -> Iterator[Field]:
    field = a_field(tmp_path / "log")
    yield field
    field.log.close()


@pytest.fixture
def three(field: Field, tmp_path: Path) -> Iterator[Keyholders]:
    with keyholders(tmp_path, [each.vkey for each in field.log.verifiers]) as running:
        for name in NAMES:
            key = load_key(tmp_path / name / "trustee.key")
            field.private[name] = key.private_bytes_raw()
        yield running


def post(three: Keyholders, name: str, body: object, token: str = "") -> httpx.Response:
    token = token or (three.folder / name / TOKEN).read_text().strip()
    return httpx.post(
        f"http://127.0.0.1:{three.ports[name]}/peel",
        json=body,
        headers={"Authorization": f"Bearer {token}"},
        trust_env=False,
        timeout=120,
    )


def test_it_opens_for_whoever_has_proof_and_token(field: Field, three: Keyholders) -> None:
    envelopes = [field.envelope(1), field.envelope(2)]
    body = first(field, field.close(envelopes), envelopes)
    answer = post(three, "operator", body)
    assert answer.status_code == 200
    assert len(answer.json()["opened"]) == 2
    assert post(three, "operator", body, token="x" * 40).status_code == 401
    said = httpx.get(
        f"http://127.0.0.1:{three.ports['operator']}/", trust_env=False, timeout=120
    ).json()
    assert (said["name"], said["key"], said["opened"]) == ("operator", three.keys["operator"], 1)


def test_a_refusal_says_why_and_nothing_else(field: Field, three: Keyholders) -> None:
    envelopes = [field.envelope(1), field.envelope(2)]
    body = first(field, field.close(envelopes), envelopes[:1])
    answer = post(three, "operator", body)
    assert (answer.status_code, answer.json()) == (403, {"refused": "OTHER_BALLOTS"})


def test_what_was_opened_is_known_after_a_restart(field: Field, three: Keyholders) -> None:
    one, other = [field.envelope(1)], [field.envelope(1)]
    assert post(three, "operator", first(field, field.close(one), one)).status_code == 200
    three.stop("operator")
    with (three.folder / "operator" / "state" / JOURNAL).open("ab") as journal:
        journal.write(b'{"torn": ')  # a crash while the next line was written
    three.start("operator")
    again = post(three, "operator", first(field, field.close(other), other))
    assert again.json() == {"refused": "OTHER_CLOSING"}
    lines = (three.folder / "operator" / "state" / JOURNAL).read_text().splitlines()
    assert [json.loads(line)["case_no"] for line in lines] == ["MA-2026-000001"]


def test_requests_are_bounded(three: Keyholders) -> None:
    url = f"http://127.0.0.1:{three.ports['operator']}"
    assert httpx.post(f"{url}/other", trust_env=False, timeout=120).status_code == 404
    assert httpx.get(f"{url}/peel", trust_env=False, timeout=120).status_code == 404
    token = (three.folder / "operator" / TOKEN).read_text().strip()
    connection = HTTPConnection("127.0.0.1", three.ports["operator"], timeout=120)
    connection.putrequest("POST", "/peel")
    connection.putheader("Authorization", f"Bearer {token}")
    connection.putheader("Content-Length", str(MOST_BYTES + 1))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()
    assert post(three, "operator", [1]).status_code == 400


def test_a_key_is_never_made_twice(tmp_path: Path, field: Field) -> None:
    vkeys = [field.log.verifier.vkey]
    make(tmp_path / "one", "one", vkeys, "127.0.0.1:0")
    with pytest.raises(FileExistsError):
        make(tmp_path / "one", "one", vkeys, "127.0.0.1:0")
    assert (tmp_path / "one" / "trustee.key").stat().st_mode & 0o077 == 0


def test_a_trustee_whose_memory_is_gone_does_not_start(tmp_path: Path, field: Field) -> None:
    make(tmp_path / "one", "one", [field.log.verifier.vkey], "127.0.0.1:0")
    config = load_config(tmp_path / "one" / SETTINGS)
    keeper = partial(open_keeper, config.name, config.key, config.state)
    with keeper(), pytest.raises(ValueError, match="another process"), keeper():
        pass
    (config.state / JOURNAL).unlink()
    with pytest.raises(ValueError, match="journal"), keeper():
        pass


def test_a_key_that_others_can_read_is_refused(tmp_path: Path, field: Field) -> None:
    make(tmp_path / "one", "one", [field.log.verifier.vkey], "127.0.0.1:0")
    (tmp_path / "one" / "trustee.key").chmod(0o644)
    with pytest.raises(ValueError, match="chmod"):
        load_key(tmp_path / "one" / "trustee.key")


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ("", "name must be"),
        ('name = "Operator"', "name must be"),
        ('name = "x"\nvkeys = []', "vkeys"),
        ('name = "x"\nvkeys = ["k"]', "verifier key|vkey|key"),
        ('name = "x"\nvkeys = ["k"]\nmore = 1', "unknown setting"),
        ('name = "x"\nvkeys = ["k"]\nlisten = "nowhere"', "listen"),
        ('name = "x"\nvkeys = ["k"]\nlisten = "127.0.0.1:70000"', "listen"),
        ("name = ", "not TOML"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, said: str, complaint: str) -> None:
    (tmp_path / SETTINGS).write_text(said)
    with pytest.raises(ValueError, match=complaint):
        load_config(tmp_path / SETTINGS)


def test_init_prints_the_public_key(
    tmp_path: Path, field: Field, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["init", str(tmp_path / "t"), "--name", "third", "--log", field.log.verifier.vkey]
    assert main(arguments) == 0
    key = load_key(tmp_path / "t" / "trustee.key").public_key().public_bytes_raw()
    printed = capsys.readouterr().out.split("key ")[1].strip()
    context = Context("MA-1", 1, 1, "r")
    others = [("a", bytes([9] * 32)), ("b", bytes([8] * 32))]
    assert seal(b" " * 8192, context, [*others, ("third", key)], bytes(32), bytes(12))
    assert len(printed) == 44
    assert main(arguments) == 1
    assert main(["run", str(tmp_path / "missing.toml")]) == 1
