"""Seats over the API: taking and leaving one, and what operator and association may do."""

from __future__ import annotations

from typing import Annotated

from apiflask import APIBlueprint
from pydantic import Field

from portal.access import Role, allow, current_actor
from portal.bodies import Body, RecordedOut, Words, recorded, wish_of
from portal.database import db
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.house import house
from portal.panels import invitations, overseeing
from portal.panels.commands import (
    AnswerSeat,
    ConsentToVoid,
    ProposeVoid,
    Recuse,
    RemoveReviewer,
    VoidPanel,
)
from portal.receipts import earlier_receipt

bp = APIBlueprint("seats_api", __name__, url_prefix="/api/v1", tag="panels")

Code = Annotated[Words, Field(max_length=40)]
Text = Annotated[Words, Field(max_length=1000)]


class AnswerBody(Body):
    """`accept`: true declares to have no relation to the case. Else a code of the recusal list."""

    accept: bool
    code: Code = ""
    text: Text = ""


class RecusalBody(Body):
    code: Code
    text: Text = ""


class RemovalBody(Body):
    code: Code
    text: Text


class VoidBody(Body):
    """TRUSTEES_LOST, and any reason once the votes are known, only proposes the void; the
    association's consent makes it one."""

    reason: Code
    text: Text
    reviewer_id: Annotated[Words, Field(max_length=128)] = ""


@bp.post("/cases/<case_no>/seat")
@allow(Role.REVIEWER)
@bp.input(AnswerBody, arg_name="body")
@bp.output(RecordedOut)
def answer(case_no: str, body: AnswerBody) -> RecordedOut:
    """Accept or decline the seat I was drawn for."""
    actor = current_actor()
    wish = AnswerSeat(case_no, actor.reviewer_id or "", body.accept, body.code, body.text)
    return recorded(invitations.answer(house(), actor, wish, wish_of(actor)))


@bp.post("/cases/<case_no>/recusal")
@allow(Role.REVIEWER)
@bp.input(RecusalBody, arg_name="body")
@bp.output(RecordedOut)
def recuse(case_no: str, body: RecusalBody) -> RecordedOut:
    """Leave a seat that I had accepted; a ballot of it no longer counts."""
    actor = current_actor()
    wish = Recuse(case_no, actor.reviewer_id or "", body.code, body.text)
    return recorded(invitations.recuse(house(), actor, wish, wish_of(actor)))


@bp.post("/cases/<case_no>/seats/<int:seat>/remove")
@allow(Role.OPERATOR)
@bp.input(RemovalBody, arg_name="body")
@bp.output(RecordedOut)
def remove(case_no: str, seat: int, body: RemovalBody) -> RecordedOut:
    """Take whoever sits there now off this panel; the next reserve steps in."""
    actor = current_actor()
    name = wish_of(actor)
    if earlier := earlier_receipt(house(), name):
        return recorded(earlier)
    seen = overseeing.panel_seen(db.session, actor, case_no)
    who = next((s.reviewer_id for s in seen.seats if s.number == seat), "")
    if not who:
        raise NotFound(_("这个席位现在没有评审员"))
    wish = RemoveReviewer(case_no, who, body.code, body.text)
    return recorded(overseeing.oversee(house(), actor, wish, name))


@bp.post("/cases/<case_no>/void")
@allow(Role.OPERATOR)
@bp.input(VoidBody, arg_name="body")
@bp.output(RecordedOut)
def void(case_no: str, body: VoidBody) -> RecordedOut:
    """Void the panel that judges this case, or has judged it; a fresh one is drawn."""
    actor = current_actor()
    if body.reason == "TRUSTEES_LOST":
        proposal = ProposeVoid(case_no, body.text)
        return recorded(overseeing.oversee(house(), actor, proposal, wish_of(actor)))
    wish = VoidPanel(case_no, body.reason, body.text, body.reviewer_id)
    return recorded(overseeing.oversee(house(), actor, wish, wish_of(actor)))


@bp.post("/cases/<case_no>/void/consent")
@allow(Role.ASSOCIATION)
@bp.output(RecordedOut)
def consent(case_no: str) -> RecordedOut:
    """Agree to the void that the operator proposed."""
    actor = current_actor()
    return recorded(overseeing.oversee(house(), actor, ConsentToVoid(case_no), wish_of(actor)))
