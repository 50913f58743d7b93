"""Read the events of a case bundle: a zip of entries and of the fields disclosed with them.

    entries/<index>             one log entry: a title, a line about its place, a payload; of a
                                payload that is sealed the "type" is used here
    disclosures/<index>.jsonl   one ["salt", "field name", value] on each line

Whether the entries are in the log, and the fields in the entries, is shown by
`python -m ledger verify`; here they are only read.
"""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reviewers.errors import BundleUnreadable

# An entry of the log is at most 65,535 bytes; a member that unpacks to more is not one.
MEMBER_LIMIT = 1 << 20
_ENTRY = re.compile(r"entries/([0-9]{1,19})")
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


def read_events(path: Path) -> tuple[Event, ...]:
    """All events of the bundle by index. Raises BundleUnreadable with a sentence."""
    try:
        with zipfile.ZipFile(path) as archive:
            return tuple(sorted(_events(archive), key=lambda event: event.index))
    except _BROKEN as problem:
        raise BundleUnreadable(f"{path.name} cannot be read as a case bundle: {problem}") from None


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


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        content = member.read(MEMBER_LIMIT + 1)
    if len(content) > MEMBER_LIMIT:
        raise BundleUnreadable(f"{name} is larger than an entry of the log can be.")
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
