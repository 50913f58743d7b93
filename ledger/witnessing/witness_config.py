"""The one file that a witness is run from.

    name = "association.example/witness"        # of its keys; a host name with a path
    listen = "127.0.0.1:8701"                   # the default; port 0 takes any free one
    state = "state"                             # folder; relative to this file
    key = "witness.key"                         # made at the first start, mode 0600

    [[log]]
    vkeys = ["mingan.example/log+...", "mingan.example/log+..."]
    origin = "mingan.example/log"               # if it is not the name in the keys

Everything that is wrong is said at once; unknown settings are wrong.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.checkpoint import LOG_KINDS
from ledger.encoding import from_utf8
from ledger.errors import VerificationError
from ledger.note import Verifier, check_name, parse_vkey
from ledger.witnessing.witness import WatchedLog

_LONGEST = 1_000_000
_LONGEST_ORIGIN = 255  # in bytes; a longer one has no place in an ML-DSA-44 cosignature
_PORT = re.compile("[0-9]{1,5}", re.ASCII)
_SETTINGS: dict[str, Any] = {
    "name": None,
    "listen": "127.0.0.1:8701",
    "state": "state",
    "key": "witness.key",
}


@dataclass(frozen=True)
class WitnessConfig:
    """How a witness is called, where it listens and keeps things, and whom it watches."""

    name: str
    host: str
    port: int
    state: Path
    key: Path
    logs: tuple[WatchedLog, ...]


def load_config(path: Path) -> WitnessConfig:
    """The configuration in a file; ValueError if it is wrong, OSError if it cannot be read."""
    with path.open("rb") as file:
        return parse_config(file.read(_LONGEST + 1), path.parent)


def parse_config(content: bytes, folder: Path) -> WitnessConfig:
    """The configuration in these bytes, paths taken from `folder`; ValueError if it is wrong."""
    table = _parse_toml(content)
    wrong = list(_wrong(table))
    if wrong:
        raise ValueError("; ".join(wrong))
    said = {name: table.get(name, default) for name, default in _SETTINGS.items()}
    host, port = _address(said["listen"])
    logs = tuple(map(_watched_log, table["log"]))
    if len({log.origin for log in logs}) != len(logs):
        raise ValueError("a log is named twice; its keys belong in one list")
    state, key = folder / said["state"], folder / said["key"]
    return WitnessConfig(said["name"], host, port, state.resolve(), key.resolve(), logs)


def _parse_toml(content: bytes) -> dict[str, Any]:
    try:
        if len(content) > _LONGEST:
            raise ValueError("a configuration of this size is none")
        return tomllib.loads(from_utf8(content))
    except (VerificationError, RecursionError) as error:
        raise ValueError(f"not TOML: {error}") from None


def _wrong(table: dict[str, Any]) -> Iterator[str]:
    yield from (f"unknown setting {name!r}" for name in table.keys() - _SETTINGS - {"log"})
    for name, default in _SETTINGS.items():
        value = table.get(name, default)
        if not isinstance(value, str) or not value or "\0" in value:
            yield f"{name} must be a text"
    try:
        check_name(str(table.get("name") or "x"))
    except VerificationError as error:
        yield str(error)
    logs = table.get("log")
    if not isinstance(logs, list) or not logs or not all(isinstance(log, dict) for log in logs):
        yield "at least one [[log]] must be there"


def _address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not _PORT.fullmatch(port) or int(port) > 65535:
        raise ValueError(f"listen is a host and a port, such as 127.0.0.1:8701, not {listen!r}")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _watched_log(table: dict[str, Any]) -> WatchedLog:
    if unknown := table.keys() - {"vkeys", "origin"}:
        raise ValueError(f"unknown settings of a log: {', '.join(sorted(unknown))}")
    vkeys = table.get("vkeys")
    if not isinstance(vkeys, list) or not vkeys or not all(isinstance(key, str) for key in vkeys):
        raise ValueError("a log has a list of vkeys")
    verifiers = tuple(map(_log_key, vkeys))
    origin = table.get("origin", verifiers[0].name)
    if not isinstance(origin, str) or not 0 < len(origin.encode()) <= _LONGEST_ORIGIN:
        raise ValueError(f"the origin of a log is a text of at most {_LONGEST_ORIGIN} bytes")
    return WatchedLog(origin, verifiers)


def _log_key(vkey: str) -> Verifier:
    try:
        verifier = parse_vkey(vkey)
    except VerificationError as error:
        raise ValueError(f"a vkey of a log is wrong: {error}") from None
    if verifier.kind not in LOG_KINDS:
        raise ValueError(
            f"the vkey of {verifier.name} is of type {verifier.kind.hex()}, not a log's"
        )
    return verifier
