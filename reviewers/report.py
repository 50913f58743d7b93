"""What a recheck says, line by line, and how it takes values out of a record."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TypeVar

from reviewers.bundle import Event
from reviewers.errors import BundleUnreadable

_Kind = TypeVar("_Kind")


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of a report; `holds` is False where the record contradicts the rules."""

    text: str
    holds: bool = True


def same(name: str, recorded: object, again: object) -> Line:
    """That the record says what comes out again, or what it says instead."""
    if recorded == again:
        return Line(f"{name}: {_plain(again)}")
    return Line(f"{name}: recorded {_plain(recorded)}, but it comes out as {_plain(again)}", False)


def required(event: Event, name: str, kind: type[_Kind]) -> _Kind:
    """A field that a recheck cannot do without. Raises BundleUnreadable."""
    value = event.fields.get(name)
    if not isinstance(value, kind):
        raise BundleUnreadable(f"entry {event.index} does not disclose a usable {name}")
    return value


def whole(event: Event, name: str, default: int | None = None) -> int:
    """An integer, not below zero. Raises BundleUnreadable."""
    value = event.fields.get(name, default)
    if type(value) is not int or value < 0:
        raise BundleUnreadable(f"entry {event.index} does not disclose a usable {name}")
    return value


def texts(event: Event, name: str) -> list[str]:
    """A list of strings, empty when the field is not there. Raises BundleUnreadable."""
    value = event.fields.get(name, [])
    if not isinstance(value, list) or not {type(one) for one in value} <= {str}:
        raise BundleUnreadable(f"entry {event.index} has malformed {name}")
    return value


def whole_numbers(event: Event, name: str) -> dict[str, int]:
    """Integers by name, none below zero. Raises BundleUnreadable."""
    value = required(event, name, dict)
    if not all(type(one) is int and one >= 0 for one in value.values()):
        raise BundleUnreadable(f"entry {event.index} has malformed {name}")
    return value


def _plain(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
