"""The merchant's API: answer a claim, confirm a return."""

from __future__ import annotations

from typing import Annotated, Literal

from apiflask import APIBlueprint
from pydantic import Field

from portal.access import Role, allow, current_actor
from portal.bodies import Body, Fen, RecordedOut, Words, recorded, wish_of
from portal.events import Contest, Remedy
from portal.house import house
from portal.responses import desk

bp = APIBlueprint("responses_api", __name__, url_prefix="/api/v1", tag="merchant")


class OfferBody(Body):
    code: Words
    amount_fen: Fen | None = None


class ContestBody(Body):
    number: Words
    point: Words
    text: Words = ""


class ResponseBody(Body):
    answer: Literal["AGREE", "OFFER", "DENY"]
    text: Words = ""
    reason_code: Words = ""
    offer: OfferBody | None = None
    contested: Annotated[list[ContestBody], Field(max_length=100)] = []

    def as_answer(self) -> desk.Answer:
        offer = Remedy(self.offer.code, self.offer.amount_fen) if self.offer else None
        contested = tuple(Contest(c.number, c.point, c.text) for c in self.contested)
        return desk.Answer(self.answer, self.text, self.reason_code, offer, contested)


@bp.post("/cases/<case_no>/response")
@allow(Role.MERCHANT)
@bp.input(ResponseBody, arg_name="body")
@bp.output(RecordedOut)
def respond(case_no: str, body: ResponseBody) -> RecordedOut:
    """Answer a claim: AGREE, OFFER (with offer) or DENY (with reason_code and text)."""
    actor = current_actor()
    receipt = desk.respond(house(), actor, case_no, body.as_answer(), wish_of(actor))
    return recorded(receipt)


@bp.post("/cases/<case_no>/return/confirm")
@allow(Role.MERCHANT)
@bp.output(RecordedOut)
def confirm_return(case_no: str) -> RecordedOut:
    """Confirm that the returned goods arrived in order; the refund follows."""
    actor = current_actor()
    return recorded(desk.confirm_return(house(), actor, case_no, wish_of(actor)))
