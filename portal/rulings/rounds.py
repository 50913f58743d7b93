"""The panels of a case, one after another, as the outcome's page and an officer read them."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext

from portal.cases.queries import SeenCase
from portal.cases.shown import Cited, all_tiles, cite
from portal.cases.state import Round
from portal.errors import sentence as _
from portal.events import RulingIssued
from portal.files import Files
from portal.rulings.computation import Computation, computation_of
from portal.rulings.opening import OpenedBallot, opened_ballots
from portal.rulings.outcome import count_words, title_of

KINDS = {
    "FIRST": _("第一次评审"),
    "REDRAW": _("重新抽选的评审"),
    "APPEAL": _("复核"),
}


@dataclass(frozen=True)
class RoundShown:
    """`cited` holds the citations of each opened ballot, by seat; `decided` says that the round's
    own count led to the ruling that holds."""

    panel: Round
    title: str
    counts: str
    ruling: RulingIssued | None
    outcome: str
    ballots: tuple[OpenedBallot, ...]
    cited: dict[int, tuple[Cited, ...]]
    computation: Computation | None


def rounds_of(files: Files, seen: SeenCase) -> tuple[RoundShown, ...]:
    """Every panel that was called, the newest first."""
    panels = (*seen.case.earlier, seen.case.round)
    return tuple(_shown(files, seen, panel) for panel in reversed(panels) if panel.called)


def _shown(files: Files, seen: SeenCase, panel: Round) -> RoundShown:
    ballots = opened_ballots(files, panel)
    known = all_tiles(seen)
    return RoundShown(
        panel=panel,
        title=gettext(KINDS[panel.kind]),
        counts=count_words(panel),
        ruling=panel.ruling,
        outcome=title_of(panel.ruling) if panel.ruling else "",
        ballots=ballots,
        cited={
            opened.seat: tuple(cite(seen, known, one) for one in opened.ballot.citations)
            for opened in ballots
            if opened.ballot
        },
        computation=computation_of(panel),
    )
