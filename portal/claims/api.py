"""The buyer's API: own orders, a claim in its steps, what follows from it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from portal.access import Actor, Role, allow, current_actor
from portal.bodies import Answered, Body, Fen, RecordedOut, Words, recorded, wish_of
from portal.cases.access import visible_case
from portal.claims import desk, followup, sending
from portal.claims.desk import Changes, Problem
from portal.claims.queries import OrderSummary, Promise, own_order, own_orders, promises_for
from portal.claims.tables import ClaimDraft
from portal.database import db
from portal.events import Remedy
from portal.house import house
from portal.receipts import ReceiptOut, receipt_out
from portal.returns import desk as returns
from portal.returns.desk import Parcel

bp = APIBlueprint("claims_api", __name__, url_prefix="/api/v1", tag="buyer")

Ids = Annotated[list[Words], Field(max_length=500)]


class LineOut(Answered):
    line_id: str
    title: str
    paid_fen: int


class OrderOut(Answered):
    platform: str
    order_id: str
    title: str
    paid_fen: int
    ordered_at: datetime
    session_id: str
    lines: list[LineOut]


class PromiseOut(Answered):
    promise_id: str
    kind: str
    text: str
    context: str
    start_ms: int
    end_ms: int
    multiplier: int | None
    correction: str | None


class ClaimBody(Body):
    platform: Words
    order_id: Words
    line_ids: Ids
    reason_code: Words
    secondary_codes: Ids = []
    received_goods: bool

    def as_problem(self) -> Problem:
        return Problem(
            line_ids=tuple(self.line_ids),
            reason_code=self.reason_code,
            secondary_codes=tuple(self.secondary_codes),
            received_goods=self.received_goods,
        )


class RemedyBody(Body):
    code: Words
    amount_fen: Fen | None = None


class ChangesBody(Body):
    """What is left out stays as it is."""

    text: Words | None = None
    promises: Ids | None = None
    remedies: Annotated[list[RemedyBody], Field(max_length=50)] | None = None

    def as_changes(self) -> Changes:
        promises, remedies = self.promises, self.remedies
        return Changes(
            text=self.text,
            promise_ids=None if promises is None else tuple(promises),
            remedies=None
            if remedies is None
            else tuple(Remedy(remedy.code, remedy.amount_fen) for remedy in remedies),
        )


class StartedOut(BaseModel):
    draft_id: str


class RemedyOut(BaseModel):
    code: str
    amount_fen: int | None


class DraftOut(BaseModel):
    draft_id: str
    platform: str
    order_id: str
    line_ids: list[str]
    reason_code: str
    secondary_codes: list[str]
    received_goods: bool
    text: str
    promises: list[str]
    remedies: list[RemedyOut]
    case_no: str | None


class SentOut(BaseModel):
    case_no: str
    due_at: str | None
    exhibits: dict[str, str] = Field(description="exhibit number by upload_id")
    receipt: ReceiptOut


class DecisionBody(Body):
    accept: bool
    text: Words = ""


class ReturnBody(Body):
    """`freight_fen`: what it cost to send, at most 5,000; more only with a receipt, on the page."""

    carrier: Words
    waybill: Words
    freight_fen: Fen = 0


@bp.get("/orders")
@allow(Role.BUYER)
@bp.output(list[OrderOut])
def orders() -> list[OrderSummary]:
    """My orders, newest first."""
    return list(own_orders(db.session, current_actor(), most=200))


@bp.get("/orders/<platform>/<order_id>/promises")
@allow(Role.BUYER)
@bp.output(list[PromiseOut])
def promises(platform: str, order_id: str) -> list[Promise]:
    """What the host promised: about the ordered products first, then around the order."""
    order = own_order(db.session, current_actor(), platform, order_id)
    return list(promises_for(db.session, order))


@bp.post("/claims")
@allow(Role.BUYER)
@bp.input(ClaimBody, arg_name="body")
@bp.output(StartedOut, status_code=201)
def start(body: ClaimBody) -> StartedOut:
    """Start a claim, or change the first step of the one that this order has unsent."""
    actor = current_actor()
    draft = desk.start(house(), actor, body.platform, body.order_id, body.as_problem())
    return StartedOut(draft_id=draft.id)


@bp.patch("/claims/<draft_id>")
@allow(Role.BUYER)
@bp.input(ChangesBody, arg_name="body")
@bp.output(DraftOut)
def change(draft_id: str, body: ChangesBody) -> DraftOut:
    """Keep text, cited promises and remedies of a draft."""
    return draft_out(desk.save(house(), current_actor(), draft_id, body.as_changes()))


@bp.post("/claims/<draft_id>/send")
@allow(Role.BUYER)
@bp.output(SentOut, status_code=201)
def send(draft_id: str) -> SentOut:
    """File the claim; sent again, the same case and the same receipt."""
    actor = current_actor()
    return sent_out(actor, sending.send(house(), actor, draft_id))


@bp.post("/cases/<case_no>/offer")
@allow(Role.BUYER)
@bp.input(DecisionBody, arg_name="body")
@bp.output(RecordedOut)
def decide(case_no: str, body: DecisionBody) -> RecordedOut:
    """Accept the merchant's offer, or decline it, which sends the case to a panel."""
    actor = current_actor()
    wish = wish_of(actor)
    return recorded(followup.decide(house(), actor, case_no, body.accept, body.text, wish))


@bp.post("/cases/<case_no>/return")
@allow(Role.BUYER)
@bp.input(ReturnBody, arg_name="body")
@bp.output(RecordedOut)
def ship(case_no: str, body: ReturnBody) -> RecordedOut:
    """Name the parcel in which the goods go back."""
    actor = current_actor()
    wish = wish_of(actor)
    parcel = Parcel(body.carrier, body.waybill, body.freight_fen)
    return recorded(returns.ship(house(), actor, case_no, parcel, wish))


def draft_out(draft: ClaimDraft) -> DraftOut:
    return DraftOut(
        draft_id=draft.id,
        platform=draft.platform,
        order_id=draft.order_id,
        line_ids=draft.line_ids,
        reason_code=draft.reason_code,
        secondary_codes=draft.secondary_codes,
        received_goods=draft.received_goods,
        text=draft.text,
        promises=draft.promise_ids,
        remedies=[RemedyOut(**remedy) for remedy in draft.remedies],
        case_no=draft.case_no if draft.sent_at else None,
    )


def sent_out(actor: Actor, sent: sending.Sent) -> SentOut:
    case = visible_case(db.session, actor, sent.case_no)
    return SentOut(
        case_no=sent.case_no,
        due_at=case.clock.due_at if case.clock else None,
        exhibits={x.upload_id: x.number for x in case.exhibits if x.side == "BUYER"},
        receipt=receipt_out(sent.receipt),
    )
