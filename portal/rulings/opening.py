"""Opened ballots beside what was sealed: the page's own check that no ballot was exchanged."""

from __future__ import annotations

from dataclasses import dataclass

from portal.cases.state import Case
from portal.events import BallotCommitted, BallotRevealed, FileRef
from portal.files import Files
from portal.panels.sealing import unseal
from reviewers.ballot import Ballot, encode
from reviewers.errors import BallotRefused

# Stems, then branches: seats keep their order, people stay unnamed. A panel has 15 at most.
NAMES = tuple("甲乙丙丁戊己庚辛壬癸子丑寅卯辰")


@dataclass(frozen=True)
class OpenedBallot:
    """One seat. `ballot` is None for a seat that did not vote or whose ballot did not count.

    `matches`: True when the sealed ballot opens to exactly this one, False when it does not, None
    when it cannot be opened any more (its key was destroyed).
    """

    seat: int
    name: str
    stratum: str
    slip: str | None
    ballot: Ballot | None
    valid: bool
    refused: str  # why it does not count, as a code of reviewers.errors.BallotRefused
    matches: bool | None
    dissents: bool


def opened_ballots(files: Files, case: Case) -> tuple[OpenedBallot, ...]:
    """Every seat of the panel, once its ballots are open; empty before and without a panel."""
    if case.drawn is None or case.tally is None:
        return ()
    sealed = {b.seat: b for b in case.ballots}
    revealed = {b.seat: b for b in case.revealed}
    dissent = case.ruling.dissent if case.ruling else ()
    return tuple(
        _opened(files, seat.number, seat.stratum, sealed, revealed, seat.number in dissent)
        for seat in case.drawn.seats
    )


def _opened(
    files: Files,
    seat: int,
    stratum: str,
    sealed: dict[int, BallotCommitted],
    revealed: dict[int, BallotRevealed],
    dissents: bool,
) -> OpenedBallot:
    commitment, shown = sealed.get(seat), revealed.get(seat)
    ballot = _ballot(shown) if shown else None
    return OpenedBallot(
        seat=seat,
        name=seat_name(seat),
        stratum=stratum,
        slip=commitment.sealed.blob if commitment else None,
        ballot=ballot,
        valid=bool(shown and shown.valid),
        refused=shown.refused if shown else "",
        matches=_matches(files, commitment.sealed, ballot) if commitment and ballot else None,
        dissents=dissents,
    )


def seat_name(seat: int) -> str:
    """甲 for seat 1, and so on."""
    return NAMES[seat - 1] if seat <= len(NAMES) else str(seat)


def _ballot(revealed: BallotRevealed) -> Ballot | None:
    try:
        return Ballot.from_fields(revealed.ballot)
    except BallotRefused:
        return None


def _matches(files: Files, sealed: FileRef, ballot: Ballot) -> bool | None:
    plain = unseal(files, sealed)
    return None if plain is None else plain == encode(ballot)
