"""Everything that the outcome's page shows, as one value."""

from __future__ import annotations

from dataclasses import dataclass

from portal.cases.queries import SeenCase
from portal.cases.shown import Cited, all_tiles, cite
from portal.cases.state import Case
from portal.events import RulingIssued
from portal.rulebook import Clause
from portal.rulings.opening import OpenedBallot
from portal.rulings.outcome import (
    Owing,
    Why,
    clause_of,
    counts_of,
    owings_of,
    title_of,
    whys_of,
)
from portal.rulings.queries import Entry
from portal.rulings.rail import Stage, rail_of

# The bundle holds what the parties may have; a reviewer has no claim to all of it.
BUNDLED = ("BUYER", "MERCHANT", "OFFICE")


@dataclass(frozen=True)
class OutcomePage:
    """`cited` holds the citations of each opened ballot, by seat."""

    case: Case
    side: str
    ruling: RulingIssued
    entry: Entry
    title: str
    counts: str
    whys: tuple[Why, ...]
    clause: Clause | None
    ballots: tuple[OpenedBallot, ...]
    cited: dict[int, tuple[Cited, ...]]
    owed: tuple[Owing, ...]
    rail: tuple[Stage, ...]
    vkey: str
    bundled: bool


def outcome_page(
    seen: SeenCase, entry: Entry, ballots: tuple[OpenedBallot, ...], vkey: str
) -> OutcomePage:
    case, ruling, known = seen.case, seen.case.ruling, all_tiles(seen)
    assert ruling is not None, "there is an entry of the ruling"
    return OutcomePage(
        case=case,
        side=seen.side,
        ruling=ruling,
        entry=entry,
        title=title_of(ruling),
        counts=counts_of(case, ruling),
        whys=whys_of(seen, ruling),
        clause=clause_of(case, ruling),
        ballots=ballots,
        cited={
            opened.seat: tuple(cite(seen, known, one) for one in opened.ballot.citations)
            for opened in ballots
            if opened.ballot
        },
        owed=owings_of(ruling),
        rail=rail_of(case),
        vkey=vkey,
        bundled=seen.side in BUNDLED,
    )
