"""Items for programs of the operator; the association reads what has risen to it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from apiflask import APIBlueprint
from pydantic import Field

from portal.access import Role, allow, current_actor
from portal.bodies import Answered, Asked, Body, RecordedOut, Words, recorded, wish_of
from portal.database import db
from portal.house import house
from portal.monitors import desk, queries
from portal.monitors.queries import Items
from portal.monitors.rules import MOST_TEXT
from portal.monitors.tables import ItemRow

bp = APIBlueprint("monitors_api", __name__, url_prefix="/api/v1", tag="Money")

Reason = Annotated[Words, Field(min_length=1, max_length=MOST_TEXT)]


class ItemsQuery(Asked):
    """`state` OPEN, TAKEN or RESOLVED; without one, all that are not resolved."""

    kind: str = ""
    state: str = ""
    after: str = ""


class ItemOut(Answered):
    """Who owns it until when; `level` 2: visible to the association."""

    item_no: str
    kind: str
    subject: str
    case_no: str
    refund_no: str
    amount_fen: int
    note: str
    owner: str
    state: str
    level: int
    opened_at: datetime
    deadline: datetime
    closed_at: datetime | None
    how: str


class ItemsOut(Answered):
    """`next` goes into `after` for the next page; null on the last."""

    rows: list[ItemOut]
    next: str | None


class ReasonBody(Body):
    """The reason becomes part of the record."""

    text: Reason


@bp.get("/money/items")
@allow(Role.OPERATOR, Role.ASSOCIATION)
@bp.input(ItemsQuery, location="query", arg_name="query")
@bp.output(ItemsOut)
def items(query: ItemsQuery) -> Items:
    """What needs a person, the nearest deadline first."""
    return queries.items(db.session, current_actor(), query.kind, query.state, query.after)


@bp.get("/money/items/<item_no>")
@allow(Role.OPERATOR, Role.ASSOCIATION)
@bp.output(ItemOut)
def item(item_no: str) -> ItemRow:
    """One item."""
    return queries.item_of(db.session, current_actor(), item_no)


@bp.post("/money/items/<item_no>/take")
@allow(Role.OPERATOR)
@bp.output(ItemOut)
def take(item_no: str) -> ItemRow:
    """See to it from now on."""
    row = desk.take(db.session, house(), current_actor(), item_no)
    db.session.commit()
    return row


@bp.post("/money/items/<item_no>/resolve")
@allow(Role.OPERATOR)
@bp.input(ReasonBody, arg_name="body")
@bp.output(RecordedOut)
def resolve(item_no: str, body: ReasonBody) -> RecordedOut:
    """Put on record what was done about it."""
    actor = current_actor()
    receipt = desk.resolve(db.session, house(), actor, item_no, body.text, wish_of(actor))
    return recorded(receipt)


@bp.post("/money/items/<item_no>/advance")
@allow(Role.OPERATOR)
@bp.input(ReasonBody, arg_name="body")
@bp.output(RecordedOut)
def advance(item_no: str, body: ReasonBody) -> RecordedOut:
    """Pay the buyer in advance out of deposit or platform, once nothing was paid otherwise."""
    actor = current_actor()
    receipt = desk.advance(db.session, house(), actor, item_no, body.text, wish_of(actor))
    return recorded(receipt)
