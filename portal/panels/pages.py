"""What the reviewer's page and the page of the draw are made of."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template

from portal.cases.gallery import tiles
from portal.cases.queries import SeenCase
from portal.cases.shown import all_tiles, first_moment_ms, marks
from portal.cases.state import Case
from portal.database import db
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.house import house
from portal.panels.desk import HeldSeat
from portal.panels.forms import BallotForm
from portal.panels.queries import sealed_vote
from portal.rulebook import VERSIONS, Clause
from reviewers.tracks import Track

IDS_SHOWN = 200
# What a reviewer applies: statements on air, corrections, counting, promised penalties, statute.
APPLIED = (1, 2, 6, 8, 9)


@dataclass(frozen=True)
class Candidates:
    """The candidates of one stratum as they were fixed before the seed existed."""

    stratum: str
    seats: int
    ids: tuple[str, ...]
    count: int


def review_page(held: HeldSeat, form: BallotForm) -> str:
    """Both sides at equal weight and the ballot. Nothing of the negotiation is handed over."""
    case = held.case
    seen = SeenCase(case, "REVIEWER")
    return render_template(
        "panels/review.html",
        case=case,
        seat=held.seat,
        form=form,
        vote=sealed_vote(db.session, case.claim.case_no, held.seat.number),
        answer=seen.answer,
        now=house().clock.now(),
        buyer_tiles=tiles(seen, "BUYER"),
        merchant_tiles=tiles(seen, "MERCHANT"),
        platform_tiles=tiles(seen, "PLATFORM"),
        all_tiles=all_tiles(seen),
        marks=marks(case),
        start_ms=first_moment_ms(case),
        clauses=clauses_of(case),
    )


def clauses_of(case: Case) -> tuple[Clause, ...]:
    """The clauses of the case's own version that bear on a judgement like this."""
    clauses = VERSIONS[case.claim.rules_version].clauses
    return tuple(clause for clause in clauses if clause.number in APPLIED)


def draw_page(case: Case) -> str:
    """How this panel came about. Raises NotFound before it was called."""
    if case.called is None:
        raise NotFound(_("本案还没有抽选评审员"))
    strata = tuple(
        Candidates(str(stratum), seats, tuple(i for i, _w in who[:IDS_SHOWN]), len(who))
        for stratum, seats in Track(case.called.track).seats.items()
        for who in [case.called.candidates.get(stratum, ())]
    )
    return render_template("panels/draw.html", case=case, called=case.called, strata=strata)
