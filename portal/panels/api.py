"""The reviewer's API: own seats, one ballot a seat."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from portal.access import Role, allow, current_actor
from portal.bodies import Answered, Body, Fen, Words, wish_of
from portal.database import db
from portal.house import house
from portal.panels import desk
from portal.panels.ballotpage import gate_of
from portal.panels.queries import MySeat, my_seats
from portal.receipts import ReceiptOut, receipt_out
from reviewers.envelope import LONGEST_ENVELOPE

bp = APIBlueprint("panels_api", __name__, url_prefix="/api/v1", tag="reviewer")

Codes = Annotated[list[Words], Field(max_length=100)]


class SeatOut(Answered):
    case_no: str
    seat: int
    stratum: str
    held: str = Field(description="INVITED, ACCEPTED or ENDED")
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
    liability: dict[Words, Annotated[int, Field(ge=0, le=10_000)]] = Field(
        default={}, description="basis points by party, 10,000 in all; empty says nothing"
    )

    def as_vote(self) -> desk.Vote:
        return desk.Vote(
            choice=self.choice,
            amount_fen=self.amount_fen,
            compensation_fen=self.compensation_fen,
            remedy=self.remedy,
            reasons=tuple(self.reasons),
            text=self.text,
            citations=tuple(self.citations),
            liability=self.liability,
        )


class EnvelopeBody(Body):
    """An envelope as reviewers/envelope.py specifies it: its exact text."""

    envelope: Annotated[Words, Field(max_length=LONGEST_ENVELOPE)]


class TrusteeOut(BaseModel):
    name: str
    holder: str
    key: str = Field(description="X25519 public key, base64")


class ContextOut(BaseModel):
    case_no: str
    round: int
    seat: int
    rules: str


class SealingOut(BaseModel):
    """No trustees: ballots are sealed by the server (POST .../ballot)."""

    context: ContextOut
    trustees: list[TrusteeOut]


class OpenedBody(Body):
    numbers: Annotated[list[Annotated[Words, Field(max_length=16)]], Field(max_length=200)]


class OpenedOut(BaseModel):
    """All that was opened so far, and what is still missing before a ballot is taken."""

    opened: list[str]
    missing: list[str]


class SlipOut(BaseModel):
    slip: str = Field(description="SHA-256 of the sealed ballot, hex")
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


@bp.post("/cases/<case_no>/sealed-ballot")
@allow(Role.REVIEWER)
@bp.input(EnvelopeBody, arg_name="body")
@bp.output(SlipOut, status_code=201)
def cast_sealed(case_no: str, body: EnvelopeBody) -> SlipOut:
    """Take a ballot that was sealed by its voter's own program: the server cannot read it."""
    actor = current_actor()
    slip = desk.cast_sealed(house(), actor, case_no, body.envelope.encode(), wish_of(actor))
    return SlipOut(slip=slip.code, receipt=receipt_out(slip.receipt))


@bp.get("/cases/<case_no>/sealing")
@allow(Role.REVIEWER)
@bp.output(SealingOut)
def sealing(case_no: str) -> dict[str, object]:
    """What one's own program needs to seal a ballot for one's seat."""
    return desk.sealing_for(house(), current_actor(), case_no)


@bp.post("/cases/<case_no>/opened")
@allow(Role.REVIEWER)
@bp.input(OpenedBody, arg_name="body")
@bp.output(OpenedOut)
def opened(case_no: str, body: OpenedBody) -> OpenedOut:
    """Say which exhibits were opened; goes into the record with the ballot."""
    held = desk.open_exhibits(house(), current_actor(), case_no, body.numbers)
    gate = gate_of(held.case, desk.opened_of(house(), held))
    return OpenedOut(opened=list(gate.opened), missing=list(gate.missing))
