"""Read a case bundle: a zip of entries, of the fields disclosed with them, and of files.

    entries/<index>             one log entry: a title, a line about its place, a payload; of a
                                payload that is sealed the "type" is used here
    disclosures/<index>.jsonl   one ["salt", "field name", value] on each line
    extras/pool/<sha256>.json   a file of candidates (candidates.py), named by its digest
    extras/ballots/<slip>.json  a sealed ballot (envelope.py), named by its digest

Whether the entries are in the log, and the fields in the entries, is shown by
`python -m ledger verify`; here they are only read.
"""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reviewers.errors import BundleUnreadable

# An entry of the log is at most 65,535 bytes; a member that unpacks to more is not one.
MEMBER_LIMIT = 1 << 20
# Some million reviewers; more would be a way to fill the checker's memory.
POOL_LIMIT = 1 << 26
_ENTRY = re.compile(r"entries/([0-9]{1,19})")
_POOL = re.compile(r"extras/pool/([0-9a-f]{64})\.json")
_BALLOT = re.compile(r"extras/ballots/([0-9a-f]{64})\.json")
# Stream, number, link, command, part and the key that seals the payload; "-" for none.
_HEAD = re.compile(rb"mingan/entry/v2\n(?:[!-~]{1,200} ){5}([!-~]{1,200})\n")
_PLAIN = b"-"
_BROKEN = (OSError, EOFError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True, slots=True)
class Event:
    """An entry of the log at `index`, with the fields that were disclosed."""

    index: int
    type: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bundle:
    """The events by index, and the files beside them under the digest that their name claims."""

    events: tuple[Event, ...]
    pools: Mapping[str, bytes] = field(default_factory=dict)
    ballots: Mapping[str, bytes] = field(default_factory=dict)


def read_bundle(path: Path) -> Bundle:
    """A case as it was handed over. Raises BundleUnreadable with a sentence."""
    try:
        with zipfile.ZipFile(path) as archive:
            events = tuple(sorted(_events(archive), key=lambda event: event.index))
            pools = dict(_files(archive, _POOL, POOL_LIMIT))
            return Bundle(events, pools, dict(_files(archive, _BALLOT, MEMBER_LIMIT)))
    except _BROKEN as problem:
        raise BundleUnreadable(f"{path.name} cannot be read as a case bundle: {problem}") from None


def read_events(path: Path) -> tuple[Event, ...]:
    """All events of a bundle by index, of a case or of the pool. Raises BundleUnreadable."""
    return read_bundle(path).events


def _events(archive: zipfile.ZipFile) -> Iterator[Event]:
    names = set(archive.namelist())
    for match in filter(None, map(_ENTRY.fullmatch, sorted(names))):
        payload = _sealed(_member(archive, match[0]), match[0])
        if payload is None:
            continue  # a note of the log itself, such as an erasure: not an event
        disclosed = f"disclosures/{match[1]}.jsonl"
        # Not splitlines(): a text may hold other line separators, and they are its own.
        lines = _member(archive, disclosed).decode().split("\n") if disclosed in names else []
        yield Event(int(match[1]), _type(payload, match[0]), _fields(lines, disclosed))


def _files(
    archive: zipfile.ZipFile, names: re.Pattern[str], limit: int
) -> Iterator[tuple[str, bytes]]:
    for match in filter(None, map(names.fullmatch, archive.namelist())):
        yield match[1], _member(archive, match[0], limit)


def _member(archive: zipfile.ZipFile, name: str, limit: int = MEMBER_LIMIT) -> bytes:
    with archive.open(name) as member:
        content = member.read(limit + 1)
    if len(content) > limit:
        raise BundleUnreadable(f"{name} is larger than it can be.")
    return content


def _sealed(raw: bytes, name: str) -> object:
    """The payload of a sealed entry as JSON, None for a plain one."""
    head = _HEAD.match(raw)
    if head is None:
        raise BundleUnreadable(f"{name} is not an entry of the log.")
    return None if head[1] == _PLAIN else json.loads(raw[head.end() :])


def _type(entry: object, name: str) -> str:
    if isinstance(entry, dict) and isinstance(entry.get("type"), str):
        return str(entry["type"])
    raise BundleUnreadable(f"{name} has no type.")


def _fields(lines: list[str], name: str) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for line in filter(None, lines):
        disclosure = json.loads(line)
        if not _is_disclosure(disclosure):
            raise BundleUnreadable(f"{name} holds a line that is not [salt, name, value].")
        fields[disclosure[1]] = disclosure[2]
    return fields


def _is_disclosure(value: object) -> bool:
    return isinstance(value, list) and len(value) == 3 and isinstance(value[1], str)
