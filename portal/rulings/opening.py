"""Opened ballots beside what was sealed: the page's own check that no ballot was exchanged."""

from __future__ import annotations

from dataclasses import dataclass

from portal.cases.state import Round, SeatNow
from portal.events import BallotCommitted, BallotRevealed
from portal.files import Files
from portal.panels.sealing import SERVER_KEY, unseal
from portal.rulings.computation import readable
from portal.rulings.names import seat_name
from reviewers import envelope as envelopes
from reviewers.ballot import Ballot, decode
from reviewers.errors import BallotRefused, EnvelopeRefused


@dataclass(frozen=True)
class OpenedBallot:
    """One seat. `ballot` is None for a seat that did not vote or whose ballot cannot be read.

    `matches`: True when the sealed ballot opens to exactly this one, False when it does not, None
    when it cannot be opened any more (its key was destroyed) or never could.
    """

    seat: int
    name: str
    stratum: str
    slip: str | None
    sealed_by: str
    ballot: Ballot | None
    valid: bool
    refused: str  # why it does not count, as a code of reviewers.errors
    matches: bool | None
    dissents: bool


def opened_ballots(files: Files, panel: Round) -> tuple[OpenedBallot, ...]:
    """Every seat of a panel, once its ballots are open; empty before."""
    if panel.tally is None:
        return ()
    return tuple(_opened(files, panel, seat) for seat in panel.seats)


def _opened(files: Files, panel: Round, seat: SeatNow) -> OpenedBallot:
    committed = next((b for b in panel.ballots if b.seat == seat.number), None)
    shown = next((b for b in panel.revealed if b.seat == seat.number), None)
    ballot = readable(shown.ballot) if shown else None
    dissent = panel.tally.result.get("dissent") if panel.tally else ()
    return OpenedBallot(
        seat=seat.number,
        name=seat_name(seat.number),
        stratum=seat.stratum.partition("/")[0],
        slip=slip_of(committed) if committed else None,
        sealed_by=committed.sealed_by if committed else "",
        ballot=ballot,
        valid=bool(shown and shown.valid),
        refused=shown.refused if shown else "",
        matches=_matches(files, committed, shown, ballot) if committed and shown else None,
        dissents=isinstance(dissent, list | tuple) and seat.number in dissent,
    )


def slip_of(committed: BallotCommitted) -> str:
    """What the voter was given to keep."""
    return committed.slip or committed.sealed.blob


def _matches(
    files: Files, committed: BallotCommitted, shown: BallotRevealed, ballot: Ballot | None
) -> bool | None:
    content = unseal(files, committed.sealed)
    if content is None or ballot is None:
        return None
    try:
        return decode(_plain(content, committed, shown.key)) == ballot
    except (BallotRefused, EnvelopeRefused, ValueError):
        return False


def _plain(content: bytes, committed: BallotCommitted, key: str) -> bytes:
    """The padded ballot; with trustees, by the key that they published, from the very envelope
    whose digest the voter holds."""
    if committed.sealed_by == SERVER_KEY:
        return content
    if envelopes.slip(content) != committed.slip:
        raise EnvelopeRefused("DOES_NOT_OPEN")
    return envelopes.open_envelope(content, bytes.fromhex(key))
