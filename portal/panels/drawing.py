"""One draw as anybody may see it: what was fixed, what the seed was made of, who was drawn.

Who sits is published when voting has closed or the panel was voided: until then nobody shall know
whom to talk to. Everything that decides it is fixed and public before: the digest of the
candidates, the checkpoint, the seed. Names do not occur, only pseudonyms; why a candidate was left
out is counted, never told of one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from portal.database import AnySession
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.events import FileRef, PanelCalled, PanelDrawn, PanelVoided, Recusal, SeatFilled
from portal.files import Files
from portal.history import Recorded, load
from portal.keyring import KeyDestroyed
from portal.streams import case_stream
from reviewers import candidates
from reviewers.checkpoints import Checkpoint, read_checkpoint
from reviewers.draw import Step, in_order, steps

# Reading a pool of a million takes seconds, the arithmetic of a draw some hundred bytes.
REMEMBERED = 256


@dataclass(frozen=True)
class Drawn:
    """One reviewer who left the urn. `seat` is 0 for a reserve, `place` counts from 0."""

    stratum: str
    seat: int
    place: int
    step: Step

    @property
    def number(self) -> str:
        return f"{self.step.number:064x}"


@dataclass(frozen=True)
class Drawing:
    """One panel of a case. `drawn` is empty until voting has closed."""

    case_no: str
    rounds: tuple[int, ...]
    called: PanelCalled
    called_entry: Recorded
    panel: PanelDrawn | None = None
    checkpoint: Checkpoint | None = None
    published: bool = False
    voided: PanelVoided | None = None
    drawn: tuple[Drawn, ...] = ()
    changes: tuple[Recusal | SeatFilled, ...] = ()

    @property
    def strata(self) -> tuple[str, ...]:
        return tuple(in_order(self.called.seats))

    @property
    def reserves(self) -> tuple[Drawn, ...]:
        return tuple(one for one in self.drawn if not one.seat)

    @property
    def seated(self) -> tuple[Drawn, ...]:
        return tuple(one for one in self.drawn if one.seat)

    @property
    def sitting(self) -> Mapping[int, str]:
        """Who sits on each seat in the end; nobody on a seat that stayed empty."""
        now = {one.seat: one.step.reviewer_id for one in self.seated}
        for change in self.changes:
            now[change.seat] = change.reviewer_id if isinstance(change, SeatFilled) else ""
        return now


def drawing_of(session: AnySession, files: Files, case_no: str, number: int | None) -> Drawing:
    """The panel of this round, by default the last one. Raises NotFound when there is none."""
    panels = _panels(load(session, case_stream(case_no)).entries)
    if not panels or (number is not None and number not in panels):
        raise NotFound(_("没有这次抽选"))
    chosen = panels[max(panels) if number is None else number]
    return _drawing(case_no, tuple(sorted(panels)), chosen, files)


def pool_file(files: Files, drawing: Drawing) -> bytes:
    """The file of candidates. Raises NotFound before it is published or when it is erased."""
    if not drawing.published:
        raise NotFound(_("投票结束后才公布候选名单"))
    try:
        return files.read(drawing.called.pool)
    except KeyDestroyed:
        raise NotFound(_("这份候选名单已经删除")) from None


def as_json(drawing: Drawing) -> dict[str, object]:
    """What js/draw.js repeats the draw from."""
    return {
        "case_no": drawing.case_no,
        "round": drawing.called.round,
        "called": drawing.called_entry.index,
        "pool_sha256": drawing.called.pool.sha256,
        "counts": drawing.called.counts,
        "exclusions": drawing.called.exclusions,
        "seats": [[stratum, drawing.called.seats[stratum]] for stratum in drawing.strata],
        "beacon": drawing.called.beacon,
        "published": drawing.published,
        "drawn": _panel_json(drawing, drawing.panel) if drawing.panel else None,
    }


def _panel_json(drawing: Drawing, panel: PanelDrawn) -> dict[str, object]:
    fixed = {
        "checkpoint": panel.checkpoint,
        "extra": panel.extra,
        "seed": panel.seed,
        "reserves_wanted": panel.reserves_wanted,
    }
    if not drawing.published:
        return fixed
    return fixed | {
        "seats": [[seat.number, seat.reviewer_id, seat.stratum] for seat in panel.seats],
        "reserves": panel.reserves,
        "changes": [
            ["FILLED" if isinstance(one, SeatFilled) else "LEFT", one.seat, one.reviewer_id]
            for one in drawing.changes
        ],
    }


def _panels(entries: Sequence[Recorded]) -> dict[int, list[Recorded]]:
    """The entries of each round, from its call to the next one's."""
    panels: dict[int, list[Recorded]] = {}
    number = 0
    for entry in entries:
        if isinstance(entry.event, PanelCalled):
            number = entry.event.round
        if number:
            panels.setdefault(number, []).append(entry)
    return panels


def _drawing(
    case_no: str, rounds: tuple[int, ...], entries: Sequence[Recorded], files: Files
) -> Drawing:
    called = entries[0]
    assert isinstance(called.event, PanelCalled), "a panel begins with its call"
    start = Drawing(case_no, rounds, called.event, called)
    drawn = next((one for one in entries if isinstance(one.event, PanelDrawn)), None)
    if drawn is None or not isinstance(drawn.event, PanelDrawn):
        return start
    events = [entry.event for entry in entries]
    voided = next((one for one in events if isinstance(one, PanelVoided)), None)
    over = voided is not None or any(entry.code == "VOTING_CLOSED" for entry in entries)
    changes = [one for one in events if isinstance(one, Recusal | SeatFilled)]
    return Drawing(
        case_no=case_no,
        rounds=rounds,
        called=called.event,
        called_entry=called,
        panel=drawn.event,
        checkpoint=read_checkpoint(drawn.event.checkpoint),
        published=over,
        voided=voided,
        drawn=_arithmetic(files, called.event, drawn.event) if over else (),
        changes=tuple(changes) if over else (),
    )


def _arithmetic(files: Files, called: PanelCalled, panel: PanelDrawn) -> tuple[Drawn, ...]:
    """Worked out again, not taken from the record: a page that only repeats it proves nothing."""
    seats = tuple((stratum, called.seats[stratum]) for stratum in in_order(called.seats))
    try:
        return _work_out(files, called.pool, panel.seed, seats, panel.reserves_wanted)
    except KeyDestroyed:
        return ()


@lru_cache(REMEMBERED)
def _work_out(
    files: Files, pool: FileRef, seed: str, seats: tuple[tuple[str, int], ...], reserves: int
) -> tuple[Drawn, ...]:
    fixed = candidates.decode(files.read(pool))
    drawn: list[Drawn] = []
    first = 1
    for stratum, needed in seats:
        who = fixed.candidates.get(stratum, ())
        for place, step in enumerate(
            steps(bytes.fromhex(seed), stratum, who, needed, needed + reserves)
        ):
            seat = first + place if place < needed else 0
            drawn.append(Drawn(stratum, seat, max(0, place - needed), step))
        first += needed
    return tuple(drawn)
