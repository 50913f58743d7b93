"""What the reviewer's page is made of."""

from __future__ import annotations

from flask import render_template

from portal.cases.gallery import tiles
from portal.cases.queries import SeenCase
from portal.cases.shown import all_tiles, first_moment_ms, marks
from portal.cases.state import Case
from portal.database import db
from portal.house import house
from portal.panels.ballotpage import gate_of, told_to_script
from portal.panels.desk import HeldSeat, opened_of
from portal.panels.forms import BallotForm
from portal.panels.queries import sealed_vote
from portal.rulebook import VERSIONS, Clause

# What a reviewer applies: statements on air, corrections, counting, promised penalties, statute.
APPLIED = (1, 2, 6, 8, 9)


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
        gate=gate_of(case, opened_of(house(), held)),
        told=told_to_script(held),
    )


def clauses_of(case: Case) -> tuple[Clause, ...]:
    """The clauses of the case's own version that bear on a judgement like this."""
    clauses = VERSIONS[case.claim.rules_version].clauses
    return tuple(clause for clause in clauses if clause.number in APPLIED)
