"""The one file that a trustee is run from.

    name = "association"             # as the portal knows it
    listen = "127.0.0.1:8711"        # the default; port 0 takes any free one
    state = "state"                  # folder; relative to this file
    key = "trustee.key"
    token = "trustee.token"          # what the portal has to show
    vkeys = ["mingan.example/log+..."]
    policy = "policy.txt"            # witnesses it asks for (C2SP tlog-policy); none if left out

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
from ledger.errors import VerificationError
from ledger.note import Verifier, parse_vkey
from ledger.witnessing.policy import parse_policy
from reviewers.trustee.closing import Trusted

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
_ADDRESS = re.compile(r"([a-z0-9.-]+|\[[0-9a-f:]+\]):([0-9]{1,5})", re.ASCII)
_LONGEST = 1_000_000
_DEFAULTS = {
    "name": "",
    "listen": "127.0.0.1:8711",
    "state": "state",
    "key": "trustee.key",
    "token": "trustee.token",
    "policy": "",
}


@dataclass(frozen=True)
class TrusteeConfig:
    """How a trustee is called, where it listens and keeps things, and what it believes."""

    name: str
    host: str
    port: int
    state: Path
    key: Path
    token: Path
    trusted: Trusted


def load_config(path: Path) -> TrusteeConfig:
    """The configuration in a file; ValueError if it is wrong, OSError if it cannot be read."""
    with path.open("rb") as file:
        content = file.read(_LONGEST)
    try:
        table = tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not TOML: {error}") from None
    if wrong := list(_wrong(table)):
        raise ValueError("; ".join(wrong))
    said = {name: table.get(name, default) for name, default in _DEFAULTS.items()}
    host, port = said["listen"].rsplit(":", 1)
    folder = path.parent.resolve()
    return TrusteeConfig(
        name=said["name"],
        host=host.strip("[]"),
        port=int(port),
        state=folder / said["state"],
        key=folder / said["key"],
        token=folder / said["token"],
        trusted=_trusted(table["vkeys"], folder, said["policy"]),
    )


def _wrong(table: dict[str, Any]) -> Iterator[str]:
    yield from (f"unknown setting {name!r}" for name in table.keys() - _DEFAULTS - {"vkeys"})
    for name, default in _DEFAULTS.items():
        if not isinstance(table.get(name, default), str):
            yield f"{name} must be a text"
    if not NAME.fullmatch(str(table.get("name", ""))):
        yield "name must be small letters, digits and -, at most 40"
    address = _ADDRESS.fullmatch(str(table.get("listen", _DEFAULTS["listen"])))
    if address is None or int(address[2]) > 65535:
        yield "listen must be a host and a port, such as 127.0.0.1:8711"
    vkeys = table.get("vkeys")
    if not isinstance(vkeys, list) or not vkeys or not all(isinstance(one, str) for one in vkeys):
        yield "vkeys must list at least one key of the log"


def _trusted(vkeys: list[str], folder: Path, policy: str) -> Trusted:
    try:
        log = tuple(map(_log_key, vkeys))
        asked = parse_policy((folder / policy).read_bytes()) if policy else None
    except VerificationError as error:
        raise ValueError(str(error)) from None
    return Trusted(log, asked)


def _log_key(vkey: str) -> Verifier:
    verifier = parse_vkey(vkey)
    if verifier.kind not in LOG_KINDS:
        raise ValueError(f"the vkey of {verifier.name} is not a log's")
    return verifier
