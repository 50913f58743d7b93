"""Doors that exist in a rehearsal only: move the clock, play anybody, see who was drawn."""

from __future__ import annotations

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from portal.access import Role, allow
from portal.accounts.holders import Holder, account_of
from portal.accounts.provision import issue_token
from portal.bodies import Answered, Body
from portal.database import db
from portal.house import house
from portal.rehearsal.moving import move_clock
from portal.rehearsal.queries import drawn_seats
from portal.times import stamp

bp = APIBlueprint("rehearsal_api", __name__, url_prefix="/api/v1/rehearsal", tag="rehearsal")


class Forward(Body):
    seconds: int


class ClockOut(BaseModel):
    offset_seconds: int
    now: str


class TokenWanted(Body):
    role: Role = Field(strict=False)
    reference: str = Field(max_length=128)
    name: str = Field(default="", max_length=80)
    platform: str | None = Field(default=None, max_length=64)
    merchant_id: str | None = Field(default=None, max_length=128)


class TokenOut(BaseModel):
    token: str


class SeatOut(Answered):
    number: int
    reviewer_id: str
    stratum: str
    state: str


@bp.post("/clock")
@allow(Role.OPERATOR)
@bp.input(Forward, arg_name="wanted")
@bp.output(ClockOut)
def forward(wanted: Forward) -> ClockOut:
    """Move the clock forward for everybody."""
    offset = move_clock(house().sessions, wanted.seconds)
    return ClockOut(offset_seconds=offset, now=stamp(house().clock.now()))


@bp.post("/tokens")
@allow(Role.OPERATOR)
@bp.input(TokenWanted, arg_name="wanted")
@bp.output(TokenOut)
def token(wanted: TokenWanted) -> TokenOut:
    """A token of somebody with this role and reference; the account is made when absent."""
    account = account_of(db.session, Holder(**wanted.model_dump()))
    issued = issue_token(db.session, account, label="rehearsal", at=house().clock.now())
    db.session.commit()
    return TokenOut(token=issued)


@bp.get("/seats/<case_no>")
@allow(Role.OPERATOR)
@bp.output(list[SeatOut])
def seats(case_no: str) -> list[SeatOut]:
    """Who was drawn for which seat, so that a program can play them."""
    return [SeatOut.model_validate(seat) for seat in drawn_seats(db.session, case_no)]
