"""Draw a recorded panel again, from the bundle alone, and follow who stepped in for whom."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from reviewers import candidates
from reviewers.bundle import Bundle, Event
from reviewers.candidates import Fixed
from reviewers.checkpoints import read_checkpoint
from reviewers.draw import Draw, draw, seed
from reviewers.errors import BundleUnreadable
from reviewers.order import once_each
from reviewers.panels import Panel
from reviewers.pool import pool_at
from reviewers.report import Line, required, same, texts, whole, whole_numbers


def redraw(panel: Panel, bundle: Bundle, pool: Sequence[Event] | None) -> Iterator[Line]:
    """The lines of one round. `pool` are the entries of the pool's stream, None if not given."""
    yield from once_each(panel)
    content = _file_of(panel.called, bundle)
    if content is None:
        yield Line("The file of candidates is not in the bundle: nothing can be drawn.", False)
        return
    digest = required(panel.called, "pool", dict).get("sha256")
    yield same("file of candidates", digest, hashlib.sha256(content).hexdigest())
    fixed = candidates.decode(content)
    yield same("candidates", panel.called.fields.get("counts"), fixed.counts)
    yield same("exclusions", panel.called.fields.get("exclusions"), fixed.exclusions)
    if pool is not None:
        yield from _from_pool(panel.called, fixed, pool)
    yield from _draw_again(panel, fixed)


def _file_of(called: Event, bundle: Bundle) -> bytes | None:
    """Only a file that has the recorded digest in its name can be the recorded one."""
    return bundle.pools.get(str(required(called, "pool", dict).get("sha256")))


def _from_pool(called: Event, fixed: Fixed, pool: Sequence[Event]) -> Iterator[Line]:
    """Nobody was forgotten and nobody slipped in: candidates and excluded are the active pool."""
    length = whole(called, "pool_length")
    if len(pool) < length:
        yield Line(f"The pool's bundle has {len(pool)} entries, {length} are needed.", False)
        return
    members = pool_at((one.type, one.fields) for one in pool[:length])
    active = {one.id: one.stratum for one in members if one.state == "ACTIVE"}
    listed = {
        id_: name.partition("/")[0] for name, who in fixed.candidates.items() for id_, _ in who
    }
    strangers = sorted((listed.keys() | fixed.excluded.keys()) - active.keys())
    forgotten = sorted(active.keys() - listed.keys() - fixed.excluded.keys())
    misplaced = sorted(id_ for id_ in listed.keys() & active.keys() if listed[id_] != active[id_])
    yield same(f"not in the pool of {len(active)} after {length} entries", strangers, [])
    yield same("in the pool, but neither candidate nor excluded", forgotten, [])
    yield same("in another stratum than in the pool", misplaced, [])


def _draw_again(panel: Panel, fixed: Fixed) -> Iterator[Line]:
    drawn = panel.first("PANEL_DRAWN")
    if drawn is None:
        yield Line("This panel was called, but not drawn.")
        return
    checkpoint = read_checkpoint(required(drawn, "checkpoint", str))
    covers = checkpoint.size > panel.called.index
    yield Line(f"The checkpoint of the draw covers {checkpoint.size} entries.", holds=covers)
    extra = texts(drawn, "extra")
    cosigned = [one.signature.hex() for one in checkpoint.cosigned]
    yield from _extras(panel.called, extra, cosigned)
    again = seed(
        required(panel.called, "case_no", str),
        whole(panel.called, "round", 1),
        checkpoint.root,
        [_unhex(one, drawn) for one in extra],
    )
    yield same("seed", required(drawn, "seed", str), again.hex())
    seats = whole_numbers(panel.called, "seats")
    wanted = whole(drawn, "reserves_wanted", 7)
    repeated = draw(again, fixed.candidates, seats, wanted)
    yield from _compare(repeated, drawn)
    yield from _replacements(repeated, panel)


def _extras(called: Event, extra: list[str], cosigned: list[str]) -> Iterator[Line]:
    """Beside the root there are the cosignatures, and a beacon's bytes only if one was named."""
    given = [_short(one) for one in extra[: len(cosigned)]]
    yield same(f"cosignatures in the seed ({len(cosigned)})", given, [_short(c) for c in cosigned])
    beacons = 1 if called.fields.get("beacon") else 0
    yield same("further parts of the seed", len(extra) - len(cosigned), beacons)


def _short(cosignature: str) -> str:
    """Its digest: that of ML-DSA-44 alone has 2420 bytes, which would bury the lines that count."""
    return hashlib.sha256(cosignature.encode()).hexdigest()


def _unhex(text: str, drawn: Event) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise BundleUnreadable(f"entry {drawn.index} has a malformed extra") from None


def _compare(again: Draw, drawn: Event) -> Iterator[Line]:
    recorded = [_seat(one) for one in required(drawn, "seats", list)]
    for place, seat in enumerate(again.seats):
        found = recorded[place] if place < len(recorded) else None
        yield same(f"seat {seat.number}", found, [seat.number, seat.reviewer_id, seat.stratum])
    if len(recorded) > len(again.seats):
        yield Line(f"{len(recorded) - len(again.seats)} recorded seats were never drawn.", False)
    reserves = required(drawn, "reserves", dict)
    for stratum, ids in again.reserves:
        yield same(f"reserves {stratum}", reserves.get(stratum, []), list(ids))


def _seat(recorded: object) -> object:
    if not isinstance(recorded, dict):
        return recorded
    return [recorded.get(key) for key in ("number", "reviewer_id", "stratum")]


def _replacements(again: Draw, panel: Panel) -> Iterator[Line]:
    """Whoever left was followed by the next reserve of the same stratum, nobody else."""
    seated = {seat.number: seat.reviewer_id for seat in again.seats}
    strata = {seat.number: seat.stratum for seat in again.seats}
    queues = {stratum: deque(ids) for stratum, ids in again.reserves}
    for event, after in zip_longest(panel.entries, panel.entries[1:]):
        if event.type == "RECUSAL":
            seat = whole(event, "seat")
            yield same(f"seat {seat} left by", event.fields.get("reviewer_id"), seated.get(seat))
            seated[seat] = ""
            if _queue(queues, strata.get(seat)) and not _fills(after, seat):
                yield Line(f"seat {seat} stayed empty although a reserve was left.", False)
        elif event.type == "SEAT_FILLED":
            seat = whole(event, "seat")
            queue = _queue(queues, strata.get(seat))
            following = queue.popleft() if queue and not seated.get(seat) else ""
            yield same(f"seat {seat} filled by", event.fields.get("reviewer_id"), following)
            seated[seat] = following


def _queue(queues: Mapping[str, deque[str]], stratum: str | None) -> deque[str]:
    return queues.get(stratum or "", deque())


def _fills(event: Event | None, seat: int) -> bool:
    """In the same commit, so right after it."""
    return event is not None and event.type == "SEAT_FILLED" and event.fields.get("seat") == seat
