"""Everything that the outcome's page shows, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from portal.cases.queries import SeenCase
from portal.cases.state import Case
from portal.events import RulingIssued
from portal.files import Files
from portal.rulebook import Clause
from portal.rulings.liability import Band, bands_of
from portal.rulings.outcome import (
    Owing,
    Why,
    clause_of,
    owings_of,
    title_of,
    whys_of,
)
from portal.rulings.queries import Entry
from portal.rulings.rail import Rail, rails_of
from portal.rulings.rounds import RoundShown, rounds_of
from portal.words import GROUNDS

# The bundle holds what the parties may have; a reviewer has no claim to all of it.
BUNDLED = ("BUYER", "MERCHANT", "OFFICE")


@dataclass(frozen=True)
class OutcomePage:
    """`panel` is the panel whose ruling holds, None without one; `earlier` all the others, the
    newest first. `may_appeal` says whether the reader's side may appeal or accept now."""

    case: Case
    side: str
    now: datetime
    ruling: RulingIssued
    entry: Entry
    title: str
    whys: tuple[Why, ...]
    clause: Clause | None
    panel: RoundShown | None
    earlier: tuple[RoundShown, ...]
    liability: tuple[Band, ...]
    owed: tuple[Owing, ...]
    rails: tuple[Rail, ...]
    may_appeal: bool
    ground: str
    vkey: str
    bundled: bool


@dataclass(frozen=True)
class Surroundings:
    """What the page needs beside the case: its record's place, the files, the log's key."""

    entry: Entry
    files: Files
    vkey: str
    now: datetime
    blocked: Mapping[str, str]  # as rails_of takes it


def outcome_page(seen: SeenCase, around: Surroundings) -> OutcomePage:
    case, ruling = seen.case, seen.case.ruling
    assert ruling is not None, "there is an entry of the ruling"
    rounds = rounds_of(around.files, seen)
    deciding = next((each for each in rounds if each.panel.number == ruling.round), None)
    return OutcomePage(
        case=case,
        side=seen.side,
        now=around.now,
        ruling=ruling,
        entry=around.entry,
        title=title_of(ruling),
        whys=whys_of(seen, ruling),
        clause=clause_of(ruling),
        panel=deciding,
        earlier=tuple(each for each in rounds if each is not deciding),
        liability=bands_of(ruling.liability),
        owed=owings_of(case, ruling),
        rails=rails_of(case, around.now, around.blocked),
        may_appeal=case.may_appeal(seen.side),
        ground=GROUNDS[case.appeal.filed.ground] if case.appeal else "",
        vkey=around.vkey,
        bundled=seen.side in BUNDLED,
    )
