"""An officer's doors for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from apiflask import APIBlueprint
from flask import request
from pydantic import Field

from portal.access import Role, allow, current_actor
from portal.bodies import Answered, Body, Fen, RecordedOut, Words, recorded, wish_of
from portal.database import db
from portal.events import Reason
from portal.house import house
from portal.officers import desk
from portal.officers.commands import ConfirmStatutory, DecideCase, OrderAppraisal
from portal.officers.desk import Report
from portal.officers.queries import Waiting, waiting

bp = APIBlueprint("officers_api", __name__, url_prefix="/api/v1", tag="officers")

Citations = Annotated[list[Annotated[Words, Field(max_length=20)]], Field(max_length=50)]
Share = Annotated[int, Field(ge=0, le=10_000)]


class ReasonBody(Body):
    text: Words
    citations: Citations = []


class DecisionBody(Body):
    """Remedy and amounts count for PARTIAL only; `liability` is basis points by party."""

    choice: Literal["SUPPORT_CLAIMANT", "PARTIAL", "SUPPORT_RESPONDENT"]
    reasons: Annotated[list[ReasonBody], Field(max_length=10)]
    clause: int
    remedy: Words = ""
    refund_fen: Fen = 0
    compensation_fen: Fen = 0
    liability: Annotated[dict[Words, Share], Field(max_length=20)] = {}

    def as_wish(self, case_no: str) -> DecideCase:
        return DecideCase(
            case_no,
            choice=self.choice,
            reasons=tuple(Reason(r.text.strip(), tuple(r.citations)) for r in self.reasons),
            clause=self.clause,
            remedy=self.remedy,
            refund_fen=self.refund_fen,
            compensation_fen=self.compensation_fen,
            liability=self.liability,
        )


class AppraisalBody(Body):
    question: Words
    laboratory: Words
    payer: Literal["BUYER", "MERCHANT", "PLATFORM"]


class ConfirmationBody(Body):
    confirmed: bool
    text: Words


class WaitingOut(Answered):
    """`wanted`: DECIDE, RETURN (a contested one), CONFIRM a statutory penalty, OBLIGATION (whether
    it is met), or RESULT of an appraisal."""

    case_no: str
    title: str
    wanted: str
    due_at: datetime | None


@bp.get("/officer")
@allow(Role.OPERATOR)
@bp.output(list[WaitingOut])
def queue() -> list[Waiting]:
    """Cases that wait for an officer, the shortest time first."""
    return list(waiting(db.session))


@bp.post("/cases/<case_no>/officer/ruling")
@allow(Role.OPERATOR)
@bp.input(DecisionBody, arg_name="body")
@bp.output(RecordedOut)
def decide(case_no: str, body: DecisionBody) -> RecordedOut:
    """Decide what a panel could not, with reasons that cite; open to appeal like a panel's."""
    actor = current_actor()
    return recorded(desk.decide(house(), actor, body.as_wish(case_no), wish_of(actor)))


@bp.post("/cases/<case_no>/officer/appraisal")
@allow(Role.OPERATOR)
@bp.input(AppraisalBody, arg_name="body")
@bp.output(RecordedOut)
def order_appraisal(case_no: str, body: AppraisalBody) -> RecordedOut:
    """Ask a laboratory before anybody decides."""
    actor = current_actor()
    wish = OrderAppraisal(case_no, body.question.strip(), body.laboratory.strip(), body.payer)
    return recorded(desk.decide(house(), actor, wish, wish_of(actor)))


@bp.post("/cases/<case_no>/officer/appraisal/result")
@allow(Role.OPERATOR)
@bp.doc(summary="Hand in a laboratory's report")
@bp.output(RecordedOut)
def receive_appraisal(case_no: str) -> RecordedOut:
    """Parts: file, text, and optionally kind (LAB_REPORT or AUTH_REPORT)."""
    actor, form = current_actor(), request.form
    report = Report(request.files.get("file"), form.get("text", ""), form.get("kind", "LAB_REPORT"))
    return recorded(desk.receive(house(), actor, case_no, report, wish_of(actor)))


@bp.post("/cases/<case_no>/officer/statutory")
@allow(Role.OPERATOR)
@bp.input(ConfirmationBody, arg_name="body")
@bp.output(RecordedOut)
def confirm(case_no: str, body: ConfirmationBody) -> RecordedOut:
    """Confirm or refuse a statutory penalty that two thirds of all seats granted."""
    actor = current_actor()
    wish = ConfirmStatutory(case_no, body.confirmed, body.text.strip())
    return recorded(desk.decide(house(), actor, wish, wish_of(actor)))
