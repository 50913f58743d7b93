"""The officer's page of a case: the file, how the panel voted, what can be done."""

from __future__ import annotations

from flask import render_template

from portal.access import current_actor
from portal.cases.gallery import tiles
from portal.cases.queries import seen_case
from portal.cases.shown import first_moment_ms, marks
from portal.database import db
from portal.forms import WishForm, drawn
from portal.house import house
from portal.officers.forms import (
    AppraisalForm,
    ConfirmationForm,
    DecisionForm,
    ReportForm,
    decision_form,
)
from portal.rulings.rounds import rounds_of
from portal.words import STATUTORY


def case_page(case_no: str, sent: WishForm | None = None) -> str:
    """The page, with the form that came back with a fault. Raises NotFound."""
    seen = seen_case(db.session, current_actor(), case_no)
    case = seen.case
    return render_template(
        "officers/case.html",
        case=case,
        seen=seen,
        now=house().clock.now(),
        form=sent,
        decision=sent if isinstance(sent, DecisionForm) else decision_form(case),
        appraisal=drawn(AppraisalForm, sent),
        report=drawn(ReportForm, sent),
        confirmation=drawn(ConfirmationForm, sent),
        rounds=rounds_of(house().files, seen),
        tiles=[(side, tiles(seen, side)) for side in ("BUYER", "MERCHANT", "PLATFORM")],
        marks=marks(case),
        start_ms=first_moment_ms(case),
        statutory=case.claimed.compensation_code in STATUTORY,
    )
