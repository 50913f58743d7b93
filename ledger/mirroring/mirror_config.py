"""The one file that a mirror is run from.

    source = "https://mingan.example/log"       # where checkpoint and tile/ are served
    vkeys = ["mingan.example/log+...", "..."]   # the log's public keys, from a trusted place
    folder = "copy"                             # where the copy goes; relative to this file
    listen = "127.0.0.1:8703"                   # where the copy is served; "" for nowhere
    every = 60                                  # seconds between two looks

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
from ledger.witnessing.http_post import check_url

_LONGEST = 1_000_000
_ADDRESS = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([^\s:/]+)):([0-9]{1,5})", re.ASCII)
_DEFAULTS: dict[str, Any] = {"folder": "copy", "listen": "127.0.0.1:8703", "every": 60}
_NEEDED = ("source", "vkeys")
_SECONDS = range(1, 86_401)


@dataclass(frozen=True)
class MirrorConfig:
    """Whose log is copied to where; `listen` is a host and a port, or None."""

    source: str
    verifiers: tuple[Verifier, ...]
    folder: Path
    listen: tuple[str, int] | None
    every: int


def load_config(path: Path) -> MirrorConfig:
    """The configuration in a file; ValueError if it is wrong, OSError if it cannot be read."""
    with path.open("rb") as file:
        return parse_config(file.read(_LONGEST), path.parent)


def parse_config(content: bytes, folder: Path) -> MirrorConfig:
    """The configuration in these bytes, paths taken from `folder`; ValueError if it is wrong."""
    table = _DEFAULTS | _parse_toml(content)
    wrong = list(_wrong(table))
    if wrong:
        raise ValueError("; ".join(wrong))
    return MirrorConfig(
        table["source"],
        tuple(map(parse_vkey, table["vkeys"])),
        (folder / table["folder"]).resolve(),
        _address(table["listen"]),
        table["every"],
    )


def _parse_toml(content: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not TOML: {error}") from None


def _wrong(table: dict[str, Any]) -> Iterator[str]:
    yield from (f"unknown setting {name!r}" for name in table.keys() - {*_NEEDED, *_DEFAULTS})
    yield from (f"{name} is missing" for name in _NEEDED if name not in table)
    if "source" in table:
        yield from _wrong_source(table["source"])
    if "vkeys" in table:
        yield from _wrong_keys(table["vkeys"])
    if not isinstance(table["folder"], str) or not table["folder"] or "\0" in table["folder"]:
        yield "folder must be a path"
    if not isinstance(table["listen"], str) or not _is_address(table["listen"]):
        yield "listen is a host and a port, such as 127.0.0.1:8703, or empty"
    if type(table["every"]) is not int or table["every"] not in _SECONDS:
        yield f"every is a number of seconds, 1 to {_SECONDS.stop - 1}"


def _wrong_source(source: object) -> Iterator[str]:
    try:
        check_url(source if isinstance(source, str) else "")
    except ValueError as error:
        yield f"source: {error}"


def _wrong_keys(vkeys: object) -> Iterator[str]:
    try:
        if not isinstance(vkeys, list) or not vkeys:
            raise VerificationError("a list of the log's public keys")
        keys = [parse_vkey(vkey if isinstance(vkey, str) else "") for vkey in vkeys]
        if any(key.kind not in LOG_KINDS for key in keys) or len({key.name for key in keys}) != 1:
            raise VerificationError("not the keys of one log")
    except VerificationError as error:
        yield f"vkeys: {error}"


def _is_address(listen: str) -> bool:
    found = _ADDRESS.fullmatch(listen)
    return not listen or (found is not None and int(found[3]) < 65_536)


def _address(listen: str) -> tuple[str, int] | None:
    found = _ADDRESS.fullmatch(listen)
    return (found[1] or found[2], int(found[3])) if found else None
