"""What the page of a return shows: the parcel, what its way cost, the dispute over it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import render_template
from flask_babel import gettext

from portal.cases.gallery import Tile
from portal.cases.queries import SeenCase
from portal.cases.shown import Cited, all_tiles, cite
from portal.cases.state import Case
from portal.formats import percent, yuan
from portal.forms import WishForm, drawn
from portal.house import house
from portal.returns.forms import AnswerForm, AskForm, ContestForm, JudgeForm
from portal.returns.freight import GROUNDS, freight_of
from portal.returns.rules import RETURNS_CLAUSE
from portal.returns.state import refund_by
from portal.rulebook import VERSIONS


@dataclass(frozen=True)
class FreightShown:
    """Who bears the way back: the ground as a sentence, and the sum worked out."""

    ground: str
    computation: str


@dataclass(frozen=True)
class ReturnPage:
    """`refund_by` is the legal ceiling, None while nobody has the goods; `why` are the officer's
    reasons with links."""

    case: Case
    side: str
    now: datetime
    refund_by: datetime | None
    freight: FreightShown | None
    theirs: tuple[Tile, ...]
    own: tuple[Tile, ...]
    why: tuple[tuple[str, tuple[Cited, ...]], ...]
    clause: str


def return_page(seen: SeenCase) -> ReturnPage:
    case, dispute = seen.case, seen.case.dispute
    known = all_tiles(seen)
    contested = dispute.contested.exhibits if dispute else ()
    answered = dispute.answer.exhibits if dispute and dispute.answer else ()
    return ReturnPage(
        case=case,
        side=seen.side,
        now=house().clock.now(),
        refund_by=refund_by(dispute, case.received_at),
        freight=freight_shown(case),
        theirs=tuple(known[number] for number in contested if number in known),
        own=tuple(known[number] for number in answered if number in known),
        why=_why(seen),
        clause=_clause(case),
    )


def _clause(case: Case) -> str:
    clauses = VERSIONS[case.claim.rules_version].clauses
    return next(each.text for each in clauses if each.number == RETURNS_CLAUSE)


def _why(seen: SeenCase) -> tuple[tuple[str, tuple[Cited, ...]], ...]:
    dispute = seen.case.dispute
    if dispute is None or dispute.judged is None:
        return ()
    known = all_tiles(seen)
    return tuple(
        (reason.text, tuple(cite(seen, known, one) for one in reason.citations))
        for reason in dispute.judged.reasons
    )


def freight_shown(case: Case) -> FreightShown | None:
    """None while no cost is on record."""
    if case.shipped is None or not case.shipped.freight_fen:
        return None
    freight = freight_of(case)
    computation = gettext(
        "%(cost)s × %(share)s = %(owed)s",
        cost=yuan(freight.cost_fen),
        share=percent(freight.others_bp),
        owed=yuan(freight.owed_fen),
    )
    return FreightShown(gettext(GROUNDS[freight.ground]), computation)


def draw(seen: SeenCase, sent: WishForm | None = None) -> str:
    """The page, with the form that came back with a fault."""
    return render_template(
        "returns/page.html",
        page=return_page(seen),
        form=sent,
        contest=drawn(ContestForm, sent),
        answer=drawn(AnswerForm, sent),
        ask=drawn(AskForm, sent),
        judge=drawn(JudgeForm, sent).offer(seen.case),
    )
