"""For programs: object to a parcel that came back, answer, decide."""

from __future__ import annotations

from typing import Annotated, Literal

from apiflask import APIBlueprint
from flask import request
from pydantic import BaseModel, Field

from portal.access import Role, allow, current_actor
from portal.bodies import Body, Fen, RecordedOut, Words, recorded, wish_of
from portal.cases.queries import SeenCase
from portal.errors import NotFound, sentence
from portal.house import house
from portal.returns import desk
from portal.returns.desk import Objection, Word
from portal.returns.freight import freight_of
from portal.returns.state import refund_by
from portal.times import stamp

bp = APIBlueprint("returns_api", __name__, url_prefix="/api/v1", tag="returns")

Citations = Annotated[list[Annotated[Words, Field(max_length=20)]], Field(max_length=50)]


class DisputeOut(BaseModel):
    """`outcome` is FULL, PART or NONE, and null until an officer has decided."""

    reason: str
    text: str
    carrier_state: str
    exhibits: list[str]
    answer: str | None
    asked: list[str]
    outcome: str | None
    refund_fen: int | None


class FreightOut(BaseModel):
    """`owed_fen` of `cost_fen` is borne by others than the buyer; `ground` says why."""

    cost_fen: int
    others_bp: int
    owed_fen: int
    ground: str


class ReturnOut(BaseModel):
    """`refund_by` is the legal ceiling, null while nobody has the goods."""

    carrier: str
    waybill: str
    confirmed_by: str | None
    refund_by: str | None
    freight: FreightOut
    dispute: DisputeOut | None


class QuestionBody(Body):
    text: Words


class WordBody(Body):
    """`refund_fen` counts for PART only, `send_back` for NONE only."""

    outcome: Literal["FULL", "PART", "NONE"]
    text: Words
    citations: Citations = []
    refund_fen: Fen = 0
    send_back: bool = False


@bp.get("/cases/<case_no>/return")
@allow(Role.BUYER, Role.MERCHANT, Role.PLATFORM, Role.OPERATOR, Role.ASSOCIATION)
@bp.output(ReturnOut)
def show(case_no: str) -> ReturnOut:
    """The parcel on its way back, what it cost, and the dispute over it if there is one."""
    return return_out(desk.seen_return(house(), current_actor(), case_no))


@bp.post("/cases/<case_no>/return/contest")
@allow(Role.MERCHANT)
@bp.doc(summary="Object to a returned parcel")
@bp.output(RecordedOut)
def contest(case_no: str) -> RecordedOut:
    """Parts: reason (DAMAGED, OTHER_GOODS, EMPTY, INCOMPLETE, NOT_ARRIVED), text, carrier_state,
    and files."""
    actor, form = current_actor(), request.form
    said = Objection(
        form.get("reason", ""),
        form.get("text", ""),
        form.get("carrier_state", ""),
        request.files.getlist("files"),
    )
    return recorded(desk.contest(house(), actor, case_no, said, wish_of(actor)))


@bp.post("/cases/<case_no>/return/answer")
@allow(Role.BUYER)
@bp.doc(summary="Answer the objection to a returned parcel, once")
@bp.output(RecordedOut)
def answer(case_no: str) -> RecordedOut:
    """Parts: text and files."""
    actor, files = current_actor(), request.files.getlist("files")
    text = request.form.get("text", "")
    return recorded(desk.answer(house(), actor, case_no, text, files, wish_of(actor)))


@bp.post("/cases/<case_no>/officer/return/carrier")
@allow(Role.OPERATOR)
@bp.input(QuestionBody, arg_name="body")
@bp.output(RecordedOut)
def ask(case_no: str, body: QuestionBody) -> RecordedOut:
    """Ask the carrier before deciding, once."""
    actor = current_actor()
    return recorded(desk.ask(house(), actor, case_no, body.text, wish_of(actor)))


@bp.post("/cases/<case_no>/officer/return")
@allow(Role.OPERATOR)
@bp.input(WordBody, arg_name="body")
@bp.output(RecordedOut)
def judge(case_no: str, body: WordBody) -> RecordedOut:
    """Decide a contested return: all of the refund, a part, or none, with reasons that cite."""
    actor = current_actor()
    word = Word(
        outcome=body.outcome,
        text=body.text,
        citations=tuple(body.citations),
        refund_fen=body.refund_fen,
        send_back=body.send_back,
    )
    return recorded(desk.judge(house(), actor, case_no, word, wish_of(actor)))


def return_out(seen: SeenCase) -> ReturnOut:
    case = seen.case
    if case.shipped is None:
        raise NotFound(sentence("本案没有退货"))
    freight, until = freight_of(case), refund_by(case.dispute, case.received_at)
    return ReturnOut(
        carrier=case.shipped.carrier,
        waybill=case.shipped.waybill,
        confirmed_by=case.received.confirmed_by if case.received else None,
        refund_by=stamp(until) if until else None,
        freight=FreightOut(
            cost_fen=freight.cost_fen,
            others_bp=freight.others_bp,
            owed_fen=freight.owed_fen,
            ground=freight.ground,
        ),
        dispute=_dispute_out(seen),
    )


def _dispute_out(seen: SeenCase) -> DisputeOut | None:
    dispute = seen.case.dispute
    if dispute is None:
        return None
    return DisputeOut(
        reason=dispute.contested.reason,
        text=dispute.contested.text,
        carrier_state=dispute.contested.carrier_state,
        exhibits=list(dispute.contested.exhibits),
        answer=dispute.answer.text if dispute.answer else None,
        asked=[one.text for one in dispute.asked],
        outcome=dispute.judged.outcome if dispute.judged else None,
        refund_fen=dispute.judged.refund_fen if dispute.judged else None,
    )
