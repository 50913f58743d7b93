"""The operator's doors for programs: accounts, the track of a case."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from apiflask import APIBlueprint
from pydantic import Field

from portal.access import Role, allow, current_actor
from portal.bodies import Answered, Body, RecordedOut, Words, recorded, wish_of
from portal.cases.access import visible_row
from portal.database import db
from portal.house import house
from portal.operations.desk import (
    Issued,
    NewAccount,
    choose_track,
    open_account,
)
from portal.operations.health import Health, examine
from portal.panels.commands import AssignTrack

bp = APIBlueprint("operations_api", __name__, url_prefix="/api/v1", tag="Operations")

Reference = Annotated[Words, Field(min_length=1, max_length=128)]
Short = Annotated[Words, Field(min_length=1, max_length=64)]


class AccountBody(Body):
    name: Annotated[Words, Field(min_length=1, max_length=80)]
    roles: Annotated[
        list[Annotated[Role, Field(strict=False)]], Field(min_length=1, max_length=len(Role))
    ]
    email: Annotated[Words, Field(max_length=254)] | None = None
    password: Annotated[Words, Field(max_length=256)] | None = None
    buyer_ref: Reference | None = None
    platform: Short | None = None
    shop_id: Reference | None = None
    merchant_id: Reference | None = None
    reviewer_id: Reference | None = None

    def as_wish(self) -> NewAccount:
        references = self.model_dump(
            include={"buyer_ref", "platform", "shop_id", "merchant_id", "reviewer_id"}
        )
        return NewAccount(self.name, tuple(self.roles), self.email, self.password, references)


class IssuedOut(Answered):
    """The token is shown this once and kept nowhere."""

    account_id: int
    token: str


class TrackBody(Body):
    track: Annotated[Words, Field(max_length=30)]
    reason: Annotated[Words, Field(min_length=1, max_length=500)]


class WitnessOut(Answered):
    name: str
    size: int | None
    at: datetime | None
    error: str | None


class OutsideOut(Answered):
    witnesses: list[WitnessOut]
    required: bool
    stamps: bool
    stamped_at: datetime | None
    stamp_error: str | None


class HealthOut(Answered):
    """Sizes are numbers of entries; null where store or database gave no answer."""

    ok: bool
    recorded: int | None
    projected: int | None
    published: int | None
    outside: OutsideOut


@bp.get("/health")
@allow(Role.OPERATOR)
@bp.output(HealthOut)
def health() -> Health:
    """Store, database, and those who vouch for the log: each witness, and the time stamps."""
    return examine(house())


@bp.post("/accounts")
@allow(Role.OPERATOR)
@bp.input(AccountBody, arg_name="body")
@bp.output(IssuedOut, status_code=201)
def add_account(body: AccountBody) -> Issued:
    """Make an account and its first token."""
    issued = open_account(db.session, body.as_wish(), house().clock.now())
    db.session.commit()
    return issued


@bp.post("/cases/<case_no>/track")
@allow(Role.OPERATOR)
@bp.input(TrackBody, arg_name="body")
@bp.output(RecordedOut)
def assign_track(case_no: str, body: TrackBody) -> RecordedOut:
    """Choose another size of panel before anybody is called."""
    actor = current_actor()
    visible_row(db.session, actor, case_no)
    wish = AssignTrack(case_no, body.track, body.reason)
    return recorded(choose_track(house().recorder, actor, wish, wish_of(actor)))
