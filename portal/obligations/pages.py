"""The page of one obligation: its course, and what the reader can do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import render_template

from portal.cases.appealing import Node
from portal.cases.gallery import Tile
from portal.cases.queries import SeenCase
from portal.cases.shown import all_tiles
from portal.cases.state import Case
from portal.forms import WishForm, drawn
from portal.house import house
from portal.obligations.desk import Owing
from portal.obligations.falling import most_fen
from portal.obligations.forms import (
    ButtonForm,
    DeedForm,
    DisputeForm,
    JudgeForm,
    ParcelForm,
)
from portal.obligations.shown import consequence, course, standing, texts_of
from portal.obligations.state import BY_DEED, BY_PARCEL, Obligation


@dataclass(frozen=True)
class ObligationPage:
    """`by_parcel`, `by_deed`: how it can be carried out; `worth_fen`: its refund at most; `texts`:
    who said what, oldest first."""

    case: Case
    obligation: Obligation
    side: str
    now: datetime
    standing: str
    consequence: str
    course: tuple[Node, ...]
    texts: tuple[tuple[str, str], ...]
    tiles: tuple[Tile, ...]
    by_parcel: bool
    by_deed: bool
    worth_fen: int


def page_of(owing: Owing) -> ObligationPage:
    case, obligation = owing.case, owing.obligation
    known = all_tiles(SeenCase(case, owing.side))
    shown = dict.fromkeys(n for event, _at in obligation.states for n in event.exhibits)
    return ObligationPage(
        case=case,
        obligation=obligation,
        side=owing.side,
        now=house().clock.now(),
        standing=standing(case, obligation),
        consequence=consequence(obligation),
        course=course(case, obligation),
        texts=texts_of(obligation),
        tiles=tuple(known[number] for number in shown if number in known),
        by_parcel=obligation.code in BY_PARCEL,
        by_deed=obligation.code in BY_DEED,
        worth_fen=most_fen(case, obligation),
    )


def draw(owing: Owing, sent: WishForm | None = None) -> str:
    """The page, with the form that came back with a fault."""
    return render_template(
        "obligations/page.html",
        page=page_of(owing),
        form=sent,
        parcel=drawn(ParcelForm, sent),
        deed=drawn(DeedForm, sent),
        confirm=drawn(ButtonForm, sent),
        dispute=drawn(DisputeForm, sent),
        judge=drawn(JudgeForm, sent).offer(owing.case),
    )
