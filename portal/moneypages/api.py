"""The money for programs: to be read, since money moves by rulings and never by a request."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from apiflask import APIBlueprint
from pydantic import BaseModel, Field
from sqlalchemy import select

from portal.access import Role, allow, current_actor
from portal.arrivals.commands import ConfirmArrival, QuestionArrival
from portal.arrivals.desk import say
from portal.arrivals.rules import TEXT_LIMIT
from portal.bodies import Asked, Body, RecordedOut, Words, recorded, wish_of
from portal.database import db
from portal.house import house
from portal.moneypages import queries
from portal.refunds.tables import MovementRow

bp = APIBlueprint("moneypages_api", __name__, url_prefix="/api/v1", tag="Money")

CONCERNED = (Role.BUYER, Role.MERCHANT, Role.PLATFORM, Role.ASSOCIATION, Role.OPERATOR)
State = Literal[
    "PLANNED",
    "RESERVED",
    "SUBMITTED",
    "PROCESSING",
    "SUCCESS",
    "ARRIVED",
    "CLOSED",
    "ABNORMAL",
    "REFUSED",
    "REVERSED",
    "CANCELLED",
]


class FundingOut(BaseModel):
    """`account`: MERCHANT_PAYABLE, MERCHANT_DEPOSIT or PLATFORM_ADVANCE."""

    account: str
    amount_fen: int


class PromiseOut(BaseModel):
    """Beijing dates, both inclusive. Not `certain`: a year's holidays are not announced yet."""

    earliest: str
    latest: str
    certain: bool


class MovementOut(BaseModel):
    """One movement of money. `rail`: REFUND out of what was paid, PAYOUT beyond it, FREIGHT.

    Accepted (PROCESSING), paid (`succeeded_at`) and ARRIVED are three facts. `waiting`: for goods
    to come back.
    `over`: nothing is left to be paid.
    """

    refund_no: str
    case_no: str
    shop_id: str
    payment_id: str
    rail: str
    channel: str
    state: str
    amount_fen: int
    currency: str
    attempt: int
    waiting: bool
    over: bool
    route: str
    funding: list[FundingOut]
    provider: str
    provider_ref: str
    ordered_at: datetime
    submitted_at: datetime | None
    succeeded_at: datetime | None
    promise: PromiseOut | None


class MovementPageOut(BaseModel):
    """`next` goes into `after` for the next page; null on the last."""

    movements: list[MovementOut]
    next: str | None


class MovementQuery(Asked):
    """Narrows what this token may see at all; newest order first."""

    shop_id: Annotated[str, Field(max_length=128)] = ""
    state: State | None = None
    after: Annotated[str, Field(max_length=80)] = ""
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class MissingBody(Body):
    text: Annotated[Words, Field(max_length=TEXT_LIMIT)] = ""


@bp.get("/cases/<case_no>/movements")
@allow(*CONCERNED)
@bp.output(list[MovementOut])
def of_case(case_no: str) -> list[MovementOut]:
    """All movements of a case, the oldest order first."""
    found = queries.movements_of_case(db.session, current_actor(), case_no)
    return [movement_out(row) for row in found]


@bp.get("/refunds/<refund_no>")
@allow(*CONCERNED)
@bp.output(MovementOut)
def show(refund_no: str) -> MovementOut:
    """One movement, by the number of its order."""
    return movement_out(queries.visible_movement(db.session, current_actor(), refund_no))


@bp.get("/refunds")
@allow(*CONCERNED)
@bp.input(MovementQuery, location="query", arg_name="query")
@bp.output(MovementPageOut)
def listing(query: MovementQuery) -> MovementPageOut:
    """The movements that this token may see, a page at a time."""
    wanted = select(MovementRow).where(queries.movements_visible_to(current_actor()))
    if query.shop_id:
        wanted = wanted.where(MovementRow.shop_id == query.shop_id)
    if query.state:
        wanted = wanted.where(MovementRow.state == query.state)
    found = queries.listed(db.session, wanted, query.after, query.limit)
    return MovementPageOut(movements=[movement_out(row) for row in found.rows], next=found.next)


@bp.post("/cases/<case_no>/movements/<refund_no>/arrived")
@allow(Role.BUYER)
@bp.output(RecordedOut)
def arrived(case_no: str, refund_no: str) -> RecordedOut:
    """The buyer has the money, also when that was denied before."""
    actor = current_actor()
    return recorded(say(house(), actor, ConfirmArrival(case_no, refund_no), wish_of(actor)))


@bp.post("/cases/<case_no>/movements/<refund_no>/missing")
@allow(Role.BUYER)
@bp.input(MissingBody, arg_name="body")
@bp.output(RecordedOut)
def missing(case_no: str, refund_no: str, body: MissingBody) -> RecordedOut:
    """The promised days are over and the buyer does not find the money."""
    actor = current_actor()
    wish = QuestionArrival(case_no, refund_no, body.text.strip())
    return recorded(say(house(), actor, wish, wish_of(actor)))


def movement_out(row: MovementRow) -> MovementOut:
    return MovementOut(
        refund_no=row.refund_no,
        case_no=row.case_no,
        shop_id=row.shop_id,
        payment_id=row.payment_id,
        rail=row.rail,
        channel=row.channel,
        state=row.state,
        amount_fen=row.amount_fen,
        currency="CNY",
        attempt=row.attempt,
        waiting=row.waiting,
        over=row.over,
        route=row.route,
        funding=_funding(row),
        provider=row.provider,
        provider_ref=row.provider_ref,
        ordered_at=row.ordered_at,
        submitted_at=row.called_at,
        succeeded_at=row.succeeded_at,
        promise=_promise(row),
    )


def _funding(row: MovementRow) -> list[FundingOut]:
    parts = (part.split(":") for part in row.funding.split(",") if part)
    return [FundingOut(account=account, amount_fen=int(fen)) for account, fen in parts]


def _promise(row: MovementRow) -> PromiseOut | None:
    if not row.latest:
        return None
    return PromiseOut(earliest=row.earliest, latest=row.latest, certain=row.certain)
