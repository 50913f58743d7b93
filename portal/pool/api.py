"""The operator's doors for programs: reviewers one by one or many at once."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from apiflask import APIBlueprint
from flask import request
from pydantic import BaseModel, Field

from portal.access import Role, allow, current_actor
from portal.bodies import Answered, Body, RecordedOut, Words, recorded, wish_of
from portal.database import db
from portal.events import NewReviewer
from portal.house import house
from portal.idempotency import by
from portal.pool import desk, queries
from portal.pool.commands import ChangeReviewer, EnrollReviewer, ImportReviewers, SetReviewerState
from portal.pool.rules import BATCH

bp = APIBlueprint("pool_api", __name__, url_prefix="/api/v1", tag="Pool")

Reference = Annotated[Words, Field(min_length=1, max_length=64)]
Code = Annotated[Words, Field(max_length=30)]
Fields = Annotated[list[Annotated[Words, Field(max_length=64)]], Field(max_length=50)]
Languages = Annotated[list[Annotated[Words, Field(max_length=8)]], Field(max_length=10)]
Weight = Annotated[int, Field(ge=1, le=1000)]
Quota = Annotated[int, Field(ge=1, le=50)]


class TraitsBody(Body):
    weight: Weight = 1
    fields: Fields = []
    languages: Languages = ["zh"]
    quota: Quota = 5

    def as_wish(self, reviewer_id: str) -> ChangeReviewer:
        return ChangeReviewer(
            reviewer_id, self.weight, tuple(self.fields), tuple(self.languages), self.quota
        )


class ReviewerBody(TraitsBody):
    reviewer_id: Reference
    stratum: Code

    def as_reviewer(self) -> NewReviewer:
        return NewReviewer(
            self.reviewer_id,
            self.stratum,
            self.weight,
            tuple(self.fields),
            tuple(self.languages),
            self.quota,
        )


class EnrollBody(ReviewerBody):
    """`state` PRACTISING: can be drawn only after the entry test."""

    state: Code = "ACTIVE"

    def as_command(self) -> EnrollReviewer:
        return EnrollReviewer(
            self.reviewer_id,
            self.stratum,
            self.weight,
            tuple(self.fields),
            tuple(self.languages),
            self.quota,
            state=self.state,
        )


class ImportBody(Body):
    """All of them or none."""

    reviewers: Annotated[list[ReviewerBody], Field(min_length=1, max_length=BATCH)]


class StateBody(Body):
    """ACTIVE, PAUSED or REMOVED; the reason becomes part of the record."""

    state: Code
    reason: Annotated[Words, Field(min_length=1, max_length=500)]


class ReviewerOut(Answered):
    reviewer_id: str
    stratum: str
    weight: int
    fields: list[str]
    languages: list[str]
    quota: int
    state: str
    how: str
    joined_at: datetime
    passed: int


class PoolOut(BaseModel):
    reviewers: list[ReviewerOut]
    next: str | None = Field(description="give it as ?after= for the next page")


@bp.get("/reviewers")
@allow(Role.OPERATOR)
@bp.output(PoolOut)
def reviewers() -> PoolOut:
    """A page of the pool, by pseudonym; ?after=, ?stratum=, ?state=."""
    asked = {name: request.args.get(name, "") for name in ("stratum", "state", "after")}
    page = queries.pool_page(db.session, queries.Wanted(**asked))
    rows = [ReviewerOut.model_validate(each.row) for each in page.reviewers]
    return PoolOut(reviewers=rows, next=page.next)


@bp.post("/reviewers")
@allow(Role.OPERATOR)
@bp.input(EnrollBody, arg_name="body")
@bp.output(RecordedOut, status_code=201)
def enroll(body: EnrollBody) -> RecordedOut:
    """Enroll a reviewer under a pseudonym."""
    actor = current_actor()
    return recorded(desk.record(house(), actor, body.as_command(), wish_of(actor)))


@bp.post("/reviewers/import")
@allow(Role.OPERATOR)
@bp.input(ImportBody, arg_name="body")
@bp.output(RecordedOut, status_code=201)
def import_many(body: ImportBody) -> RecordedOut:
    """Enroll many in one record, or nobody."""
    actor = current_actor()
    wish = ImportReviewers(tuple(one.as_reviewer() for one in body.reviewers))
    return recorded(house().recorder.record(wish, by=by(actor), command_id=wish_of(actor)))


@bp.put("/reviewers/<reviewer_id>")
@allow(Role.OPERATOR)
@bp.input(TraitsBody, arg_name="body")
@bp.output(RecordedOut)
def change(reviewer_id: str, body: TraitsBody) -> RecordedOut:
    """Set what may change; what is left out becomes what is usual."""
    actor = current_actor()
    desk.member(db.session, reviewer_id)
    return recorded(desk.record(house(), actor, body.as_wish(reviewer_id), wish_of(actor)))


@bp.post("/reviewers/<reviewer_id>/state")
@allow(Role.OPERATOR)
@bp.input(StateBody, arg_name="body")
@bp.output(RecordedOut)
def set_state(reviewer_id: str, body: StateBody) -> RecordedOut:
    """Pause, resume or remove; who is removed also leaves every panel under way."""
    actor = current_actor()
    desk.member(db.session, reviewer_id)
    wish = SetReviewerState(reviewer_id, body.state, body.reason)
    return recorded(desk.set_state(house(), actor, wish, wish_of(actor)))
