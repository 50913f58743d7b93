"""Repeat the draw and the count of a recorded case, and say where the record differs."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from reviewers.ballot import Ballot, Claimed, check
from reviewers.bundle import Event
from reviewers.draw import Draw, draw, seed
from reviewers.errors import BallotRefused, BundleUnreadable, ReviewersError
from reviewers.pool import Stratum
from reviewers.tally import tally

_Kind = TypeVar("_Kind")


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of a report; `holds` is False where the record contradicts the rules."""

    text: str
    holds: bool = True


def recompute(events: Sequence[Event]) -> tuple[Line, ...]:
    """Draw every recorded panel again."""
    return _each(events, "PANEL_DRAWN", "No panel was drawn in this case.", _draw_again)


def recount(events: Sequence[Event]) -> tuple[Line, ...]:
    """Count every closed vote again."""
    return _each(events, "TALLY_CLOSED", "No vote was counted in this case.", _count_again)


_Recheck = Callable[[Event, Event, Sequence[Event]], Iterator[Line]]


def _each(events: Sequence[Event], type_: str, absent: str, recheck: _Recheck) -> tuple[Line, ...]:
    recorded = [event for event in events if event.type == type_]
    lines = [line for event in recorded for line in _guarded(event, events, recheck)]
    return tuple(lines) or (Line(absent),)


def _guarded(event: Event, events: Sequence[Event], recheck: _Recheck) -> Iterator[Line]:
    called = [one for one in events if one.type == "PANEL_CALLED" and one.index < event.index]
    if not called:
        yield Line(f"Entry {event.index}: {event.type} without a PANEL_CALLED before it.", False)
        return
    yield Line(f"Entry {event.index}: {event.type}, called in entry {called[-1].index}.")
    try:
        yield from recheck(called[-1], event, events)
    except ReviewersError as problem:
        yield Line(f"Entry {event.index} cannot be repeated: {problem}", False)


def _draw_again(called: Event, drawn: Event, _: Sequence[Event]) -> Iterator[Line]:
    covered, root = _checkpoint(_field(drawn, "checkpoint", str), drawn)
    yield Line(
        f"The checkpoint of the draw covers {covered} entries.", holds=covered > called.index
    )
    again = seed(_field(called, "case_no", str), root, _extra(drawn))
    yield _same("seed", _field(drawn, "seed", str), again.hex())
    recorded = _reserves(drawn)
    # How many reserves were wanted is not recorded; the longest list shows it.
    spare = max(map(len, recorded.values()), default=0)
    yield from _compare(_draw(again, called, spare), drawn, recorded)


def _draw(seed_: bytes, called: Event, spare: int) -> Draw:
    try:
        pools = _field(called, "candidates", dict).items()
        candidates = {Stratum(name): [(str(i), w) for i, w in pool] for name, pool in pools}
    except (TypeError, ValueError):
        raise BundleUnreadable(f"entry {called.index} has malformed candidates") from None
    return draw(seed_, candidates, _seats(called), spare)


def _seats(called: Event) -> dict[Stratum, int]:
    seats = _field(called, "seats", dict)
    if not all(type(count) is int and count >= 0 for count in seats.values()):
        raise BundleUnreadable(f"entry {called.index} has malformed seats")
    try:
        return {Stratum(name): count for name, count in seats.items()}
    except ValueError:
        raise BundleUnreadable(f"entry {called.index} has malformed seats") from None


def _compare(again: Draw, drawn: Event, reserves: Mapping[str, list[str]]) -> Iterator[Line]:
    recorded = [_seat(one) for one in _field(drawn, "seats", list)]
    for place, seat in enumerate(again.seats):
        found = recorded[place] if place < len(recorded) else None
        yield _same(f"seat {seat.number}", found, [seat.number, seat.reviewer_id, seat.stratum])
    if len(recorded) > len(again.seats):
        yield Line(f"{len(recorded) - len(again.seats)} recorded seats were never drawn.", False)
    for stratum, ids in again.reserves:
        yield _same(f"reserves {stratum}", reserves.get(stratum, []), list(ids))


def _seat(recorded: object) -> object:
    """A seat may be recorded as an object or as a list [number, reviewer id, stratum]."""
    if not isinstance(recorded, dict):
        return recorded
    return [recorded.get(key) for key in ("number", "reviewer_id", "stratum")]


def _reserves(drawn: Event) -> dict[str, list[str]]:
    try:
        pairs = dict(drawn.fields.get("reserves", ()))
        return {str(stratum): [str(id_) for id_ in ids] for stratum, ids in pairs.items()}
    except (TypeError, ValueError):
        raise BundleUnreadable(f"entry {drawn.index} has malformed reserves") from None


def _checkpoint(text: str, drawn: Event) -> tuple[int, bytes]:
    lines = text.split("\n")
    if len(lines) < 3 or not (lines[1].isascii() and lines[1].isdecimal()):
        raise BundleUnreadable(f"entry {drawn.index} has a malformed checkpoint")
    return int(lines[1]), _bytes(base64.b64decode, lines[2], drawn, "checkpoint")


def _extra(drawn: Event) -> list[bytes]:
    if "extra" not in drawn.fields:
        return []
    return [_bytes(bytes.fromhex, one, drawn, "extra") for one in _field(drawn, "extra", list)]


def _count_again(called: Event, closed: Event, events: Sequence[Event]) -> Iterator[Line]:
    claimed = Claimed.from_fields(_field(called, "claimed", dict))
    seats = sum(_seats(called).values())
    ballots: list[Ballot] = []
    for event in _between(called, closed, events):
        ballot, line = _reveal(event, claimed)
        ballots += [ballot] if ballot else []
        yield line
    again = json.loads(json.dumps(tally(ballots, seats, claimed).as_fields()))
    recorded = _field(closed, "result", dict)
    for name, value in again.items():
        yield _same(name, recorded.get(name), value)


def _between(called: Event, closed: Event, events: Sequence[Event]) -> list[Event]:
    return [
        event
        for event in events
        if event.type == "BALLOT_REVEALED" and called.index < event.index < closed.index
    ]


def _reveal(event: Event, claimed: Claimed) -> tuple[Ballot | None, Line]:
    """The ballot to count, if any, and whether the record judged its validity rightly."""
    seat = event.fields.get("seat")
    counted = event.fields.get("valid", True) is True
    ballot, fault = _read_ballot(event)
    if ballot is None:
        return None, Line(f"seat {seat}: {fault}, not counted", holds=not counted)
    broken = _broken_rule(ballot, claimed)
    if counted:
        return ballot, Line(f"seat {seat}: {ballot.choice}" + (f" ({broken})" if broken else ""))
    reason = broken or "recorded as invalid, but nothing is wrong with it"
    return None, Line(f"seat {seat}: {reason}, not counted", holds=bool(broken))


def _read_ballot(event: Event) -> tuple[Ballot | None, str]:
    content, seat = event.fields.get("ballot"), event.fields.get("seat")
    try:
        ballot = Ballot.from_fields({"seat": seat} | content if isinstance(content, dict) else {})
    except BallotRefused as problem:
        return None, f"not a ballot ({problem})"
    if ballot.seat != seat:
        return None, f"the ballot is for seat {ballot.seat}"
    return ballot, ""


def _broken_rule(ballot: Ballot, claimed: Claimed) -> str:
    try:
        check(ballot, claimed)
    except BallotRefused as problem:
        return f"breaks {problem}"
    return ""


def _same(name: str, recorded: object, again: object) -> Line:
    if recorded == again:
        return Line(f"{name}: {_plain(again)}")
    return Line(f"{name}: recorded {_plain(recorded)}, but it comes out as {_plain(again)}", False)


def _plain(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _field(event: Event, name: str, kind: type[_Kind]) -> _Kind:
    value = event.fields.get(name)
    if not isinstance(value, kind):
        raise BundleUnreadable(f"entry {event.index} does not disclose a usable {name}")
    return value


def _bytes(read: Callable[[str], bytes], text: str, event: Event, name: str) -> bytes:
    try:
        return read(text)
    except (TypeError, ValueError):
        raise BundleUnreadable(f"entry {event.index} has a malformed {name}") from None
