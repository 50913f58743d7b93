"""For programs of a party: accept a ruling, appeal against it, answer an appeal."""

from __future__ import annotations

from apiflask import APIBlueprint

from portal.access import Role, allow, current_actor
from portal.appeals import desk
from portal.bodies import Body, RecordedOut, Words, recorded, wish_of
from portal.house import house

bp = APIBlueprint("appeals_api", __name__, url_prefix="/api/v1", tag="appeals")


class AppealBody(Body):
    """`ground`: NEW_EVIDENCE, PROCEDURE, PANEL_CONFLICT, RULE_MISAPPLIED, CALCULATION, FRAUD."""

    ground: Words
    text: Words


class AnswerBody(Body):
    text: Words


@bp.post("/cases/<case_no>/ruling/accept")
@allow(Role.BUYER, Role.MERCHANT)
@bp.output(RecordedOut)
def accept(case_no: str) -> RecordedOut:
    """Accept the ruling: when nobody is left who could appeal it is carried out at once."""
    actor = current_actor()
    return recorded(desk.accept(house(), actor, case_no, wish_of(actor)))


@bp.post("/cases/<case_no>/appeal")
@allow(Role.BUYER, Role.MERCHANT)
@bp.input(AppealBody, arg_name="body")
@bp.output(RecordedOut)
def appeal(case_no: str, body: AppealBody) -> RecordedOut:
    """Appeal once, within the window. For NEW_EVIDENCE add the exhibit to the case first."""
    actor = current_actor()
    wish = wish_of(actor)
    return recorded(desk.appeal(house(), actor, case_no, body.ground, body.text, wish))


@bp.post("/cases/<case_no>/appeal/answer")
@allow(Role.BUYER, Role.MERCHANT)
@bp.input(AnswerBody, arg_name="body")
@bp.output(RecordedOut)
def answer(case_no: str, body: AnswerBody) -> RecordedOut:
    """Answer the other side's appeal; fifteen fresh seats are drawn at once."""
    actor = current_actor()
    return recorded(desk.answer(house(), actor, case_no, body.text, wish_of(actor)))
