"""What the pages after a ruling show of the case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.appeals.rules import new_exhibits
from portal.cases.gallery import Tile, tiles
from portal.cases.queries import SeenCase
from portal.cases.state import Appeal, Case
from portal.events import RulingIssued
from portal.house import house
from portal.rulings.outcome import title_of
from portal.words import GROUNDS


@dataclass(frozen=True)
class AppealPage:
    """`added` are this side's exhibits that the panel did not have; `alone` says that nobody but
    this side could still appeal, so that accepting carries the ruling out at once."""

    case: Case
    side: str
    ruling: RulingIssued
    title: str
    now: datetime
    added: tuple[Tile, ...]
    alone: bool
    ground: str


def page_of(own: SeenCase) -> AppealPage:
    ruling = own.case.ruling
    assert ruling is not None, "asked for after the rules had found a ruling"
    return AppealPage(
        case=own.case,
        side=own.side,
        ruling=ruling,
        title=title_of(ruling),
        now=house().clock.now(),
        added=_added(own),
        alone=own.case.ends_with(own.side),
        ground=ground_of(own.case.appeal),
    )


def ground_of(appeal: Appeal | None) -> str:
    """The ground as a message id; empty without an appeal."""
    return GROUNDS[appeal.filed.ground] if appeal else ""


def _added(own: SeenCase) -> tuple[Tile, ...]:
    numbers = {x.number for x in new_exhibits(own.case, own.side)}
    shown = tiles(own, own.side)
    return tuple(tile for tile in shown if tile.number in numbers)
