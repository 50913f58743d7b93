"""The reviewer's API: own seats, one ballot a seat."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from apiflask import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from portal.access import Role, allow, current_actor
from portal.bodies import Body, Fen, Words, wish_of
from portal.database import db
from portal.house import house
from portal.panels import desk
from portal.panels.queries import MySeat, my_seats
from portal.receipts import ReceiptOut, receipt_out

bp = APIBlueprint("panels_api", __name__, url_prefix="/api/v1", tag="reviewer")

Codes = Annotated[list[Words], Field(max_length=100)]


class SeatOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    case_no: str
    seat: int
    stratum: str
    voted: bool
    due_at: datetime | None


class BallotBody(Body):
    """Amounts of SUPPORT_CLAIMANT are those of the claim, whatever is written."""

    choice: Words
    amount_fen: Fen = 0
    compensation_fen: Fen = 0
    remedy: Words | None = None
    reasons: Codes
    text: Words
    citations: Codes

    def as_vote(self) -> desk.Vote:
        return desk.Vote(
            choice=self.choice,
            amount_fen=self.amount_fen,
            compensation_fen=self.compensation_fen,
            remedy=self.remedy,
            reasons=tuple(self.reasons),
            text=self.text,
            citations=tuple(self.citations),
        )


class SlipOut(BaseModel):
    slip: str = Field(description="digest of the sealed ballot, hex")
    receipt: ReceiptOut


@bp.get("/panels/mine")
@allow(Role.REVIEWER)
@bp.output(list[SeatOut])
def mine() -> list[MySeat]:
    """The seats I hold, those that wait for my vote first."""
    return list(my_seats(db.session, current_actor()))


@bp.post("/cases/<case_no>/ballot")
@allow(Role.REVIEWER)
@bp.input(BallotBody, arg_name="body")
@bp.output(SlipOut, status_code=201)
def cast(case_no: str, body: BallotBody) -> SlipOut:
    """Seal one ballot. The slip is the digest of what was sealed, to be checked at the opening."""
    actor = current_actor()
    slip = desk.cast(house(), actor, case_no, body.as_vote(), wish_of(actor))
    return SlipOut(slip=slip.code, receipt=receipt_out(slip.receipt))
