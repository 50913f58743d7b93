"""The officer's page of a case: the file, how the panel voted, what can be done."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template

from portal.access import current_actor
from portal.cases.gallery import tiles
from portal.cases.queries import seen_case
from portal.cases.shown import first_moment_ms, marks
from portal.database import db
from portal.forms import WishForm
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


@dataclass(frozen=True)
class Forms:
    """The form that came back with a fault; the others are drawn afresh."""

    decision: DecisionForm | None = None
    appraisal: AppraisalForm | None = None
    report: ReportForm | None = None
    confirmation: ConfirmationForm | None = None

    @property
    def sent(self) -> WishForm | None:
        return self.decision or self.appraisal or self.report or self.confirmation


def case_page(case_no: str, forms: Forms) -> str:
    """Raises NotFound."""
    seen = seen_case(db.session, current_actor(), case_no)
    case = seen.case
    fresh = {"formdata": None} if forms.sent else {}
    return render_template(
        "officers/case.html",
        case=case,
        seen=seen,
        now=house().clock.now(),
        form=forms.sent,
        decision=forms.decision or decision_form(case),
        appraisal=forms.appraisal or AppraisalForm(**fresh),
        report=forms.report or ReportForm(**fresh),
        confirmation=forms.confirmation or ConfirmationForm(**fresh),
        rounds=rounds_of(house().files, seen),
        tiles=[(side, tiles(seen, side)) for side in ("BUYER", "MERCHANT", "PLATFORM")],
        marks=marks(case),
        start_ms=first_moment_ms(case),
        statutory=case.claimed.compensation_code in STATUTORY,
    )
