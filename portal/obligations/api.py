"""For programs: what is owed in kind, and each step of it; the platform confirms coupons here."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from apiflask import APIBlueprint
from flask import request
from pydantic import BaseModel, Field

from portal.access import Role, allow, current_actor
from portal.bodies import Answered, Body, Fen, RecordedOut, Words, recorded, wish_of
from portal.cases.access import visible_case
from portal.cases.state import Case
from portal.database import db
from portal.house import house
from portal.obligations import desk
from portal.obligations.desk import Verdict
from portal.obligations.falling import refund_for
from portal.obligations.queries import Line, to_keep
from portal.obligations.state import Obligation

bp = APIBlueprint("obligations_api", __name__, url_prefix="/api/v1", tag="obligations")

Citations = Annotated[list[Annotated[Words, Field(max_length=20)]], Field(max_length=50)]
ONE = "/cases/<case_no>/obligations/<number>"


class ObligationOut(BaseModel):
    """`turn`: who is to act by `due_at`, MERCHANT, PLATFORM, BUYER, OFFICER, or empty.
    `fallback`: REFUND of `fallback_fen`, ASSESSED by an officer, or NONE; `refund_no` once it has
    fallen back."""

    number: str
    code: str
    debtor: str
    state: str
    turn: str
    due_at: str | None
    fallback: str
    fallback_fen: int
    carrier: str
    waybill: str
    refund_no: str | None


class DueOut(Answered):
    case_no: str
    number: str
    code: str
    state: str
    due_at: datetime | None


class ParcelBody(Body):
    carrier: Words
    waybill: Words


class VerdictBody(Body):
    """`refund_fen`: what it is worth, where it was not kept and has no price of its own."""

    met: bool
    text: Words
    citations: Citations = []
    refund_fen: Fen | None = None


@bp.get("/obligations")
@allow(Role.MERCHANT, Role.PLATFORM)
@bp.output(list[DueOut])
def due() -> list[Line]:
    """What this shop or platform still has to do, the shortest time first; at most 100."""
    return list(to_keep(db.session, current_actor()))


@bp.get("/cases/<case_no>/obligations")
@allow(Role.BUYER, Role.MERCHANT, Role.PLATFORM, Role.OPERATOR, Role.ASSOCIATION)
@bp.output(list[ObligationOut])
def of_case(case_no: str) -> list[ObligationOut]:
    """What is owed in kind in one case, and how it stands."""
    case = visible_case(db.session, current_actor(), case_no)
    return [obligation_out(case, obligation) for obligation in case.obligations]


@bp.post(f"{ONE}/shipped")
@allow(Role.MERCHANT, Role.PLATFORM)
@bp.input(ParcelBody, arg_name="body")
@bp.output(RecordedOut)
def ship(case_no: str, number: str, body: ParcelBody) -> RecordedOut:
    """It is on its way."""
    actor, parcel = current_actor(), (body.carrier, body.waybill)
    return recorded(desk.ship(house(), actor, case_no, number, parcel, wish_of(actor)))


@bp.post(f"{ONE}/delivered")
@allow(Role.MERCHANT, Role.PLATFORM)
@bp.output(RecordedOut)
def deliver(case_no: str, number: str) -> RecordedOut:
    """The carrier has handed it over; the buyer has seven days to object."""
    actor = current_actor()
    return recorded(desk.deliver(house(), actor, case_no, number, wish_of(actor)))


@bp.post(f"{ONE}/done")
@allow(Role.MERCHANT, Role.PLATFORM)
@bp.doc(summary="Say that it was carried out without a parcel")
@bp.output(RecordedOut)
def carry_out(case_no: str, number: str) -> RecordedOut:
    """Parts: text, files. The platform says so of coupons and points that it gave back."""
    actor = current_actor()
    said = (request.form.get("text", ""), request.files.getlist("files"))
    return recorded(desk.carry_out(house(), actor, case_no, number, said, wish_of(actor)))


@bp.post(f"{ONE}/confirmed")
@allow(Role.BUYER)
@bp.output(RecordedOut)
def confirm(case_no: str, number: str) -> RecordedOut:
    """The buyer has what was owed."""
    actor = current_actor()
    return recorded(desk.confirm(house(), actor, case_no, number, wish_of(actor)))


@bp.post(f"{ONE}/disputed")
@allow(Role.BUYER)
@bp.doc(summary="Say that it did not come, or is not what is owed")
@bp.output(RecordedOut)
def dispute(case_no: str, number: str) -> RecordedOut:
    """Parts: why (NOT_RECEIVED or NOT_AS_OWED), text, and files; an officer decides."""
    actor, form = current_actor(), request.form
    said = (form.get("why", ""), form.get("text", ""), request.files.getlist("files"))
    return recorded(desk.dispute(house(), actor, case_no, number, said, wish_of(actor)))


@bp.post("/cases/<case_no>/officer/obligations/<number>")
@allow(Role.OPERATOR)
@bp.input(VerdictBody, arg_name="body")
@bp.output(RecordedOut)
def judge(case_no: str, number: str, body: VerdictBody) -> RecordedOut:
    """Decide whether it is met, with reasons that cite; what is not met falls back to a refund."""
    actor = current_actor()
    verdict = Verdict(body.met, body.text, tuple(body.citations), body.refund_fen)
    return recorded(desk.judge(house(), actor, case_no, number, verdict, wish_of(actor)))


def obligation_out(case: Case, obligation: Obligation) -> ObligationOut:
    shipped, refund = obligation.shipped, refund_for(case, obligation)
    return ObligationOut(
        number=obligation.number,
        code=obligation.code,
        debtor=obligation.ordered.debtor,
        state=obligation.state,
        turn=obligation.turn,
        due_at=obligation.due_at or None,
        fallback=obligation.ordered.fallback,
        fallback_fen=obligation.ordered.fallback_fen,
        carrier=shipped.carrier if shipped else "",
        waybill=shipped.waybill if shipped else "",
        refund_no=refund.refund_no if refund else None,
    )
