"""The one file that a witness is run from."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.witnessing.witness_config import parse_config
from tests.ledger.notary import ORIGIN, a_cosigner, a_signer


def configured(**changes: str) -> bytes:
    lines = {
        "name": 'name = "w.example"',
        "listen": 'listen = "127.0.0.1:8701"',
        "state": "",
        "log": f"[[log]]\nvkeys = ['{a_signer().vkey}']",
        **changes,
    }
    return "\n".join(lines.values()).encode()


def test_a_configuration_says_who_watches_what(tmp_path: Path) -> None:
    config = parse_config(configured(listen='listen = "[::1]:80"', state='state = "s"'), tmp_path)
    assert (config.name, config.host, config.port) == ("w.example", "::1", 80)
    assert (config.state, config.key) == (tmp_path / "s", tmp_path / "witness.key")
    assert [(log.origin, log.verifiers) for log in config.logs] == [
        (ORIGIN, a_signer().verifiers[:1])
    ]


def test_a_log_may_have_another_origin_than_its_key_says(tmp_path: Path) -> None:
    config = parse_config(configured(origin='origin = "elsewhere.example"'), tmp_path)
    assert config.logs[0].origin == "elsewhere.example"


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "name = 7"},
        {"name": 'name = "with space"'},
        {"listen": 'listen = "8701"'},
        {"listen": 'listen = "host:99999"'},
        {"listen": 'listen = "host:00000099999"'},
        {"listen": 'lisen = "127.0.0.1:1"'},
        {"log": ""},
        {"log": "log = 3"},
        {"log": "log = [3]"},
        {"log": "[[log]]\nvkeys = []"},
        {"log": "[[log]]\nvkeys = 'x'"},
        {"log": "[[log]]\nvkeys = ['x']"},
        {"log": f"[[log]]\nvkeys = ['{a_cosigner().vkey}']"},
        {"more": "vkey = 'x'"},
        {"more": f"[[log]]\nvkeys = ['{a_signer().vkey}']"},
        {"origin": "origin = ''"},
        {"origin": f"origin = '{'a' * 256}'"},
        {"state": "[["},
        {"state": f"x = {'[' * 5000}"},
    ],
)
def test_a_wrong_configuration_is_refused(tmp_path: Path, change: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_config(configured(**change), tmp_path)


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"lisen.*name must.*\[\[log\]\]"):
        parse_config(b"lisen = 1", tmp_path)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=100) | st.text(max_size=100).map(str.encode))
def test_junk_is_no_configuration(content: bytes) -> None:
    for sample in (content, configured() + b"\n" + content, content + b"\n" + configured()):
        with suppress(ValueError):
            parse_config(sample, Path("/"))
