"""Approvals, limits and single movements, for the operator's programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from portal.access import Role, allow, current_actor
from portal.bodies import Answered, Body, Fen, RecordedOut, Words, recorded, wish_of
from portal.controls import desk
from portal.controls.commands import SetControl
from portal.controls.dossier import dossier
from portal.controls.limits import STOPPED
from portal.controls.listing import Pending, pending, standing, switches
from portal.controls.rules import card_of
from portal.database import db
from portal.house import house
from portal.providers.values import BankCard

bp = APIBlueprint("controls_api", __name__, url_prefix="/api/v1/money", tag="money")

Text = Annotated[Words, Field(max_length=1000)]


class ReasonBody(Body):
    text: Text


class OverrideBody(Body):
    """`what`: RETRY, ADVANCE, TO_PAYOUT, CAP, OFFLINE or COVERED."""

    what: Annotated[Words, Field(max_length=20)]
    text: Text


class CardBody(Body):
    """All three of a card, or none of them for the shop's own."""

    text: Text
    bank_type: Annotated[Words, Field(max_length=40)] = ""
    number: Annotated[Words, Field(max_length=32)] = ""
    holder: Annotated[Words, Field(max_length=64)] = ""

    def as_card(self) -> BankCard | None:
        """Raises BadInput when only a part is told."""
        return card_of(self.bank_type, self.number, self.holder)


class ControlBody(Body):
    """`name`: DUAL_FEN, SHOP_DAY_FEN, TOTAL_DAY_FEN, AUTHORITY_FEN or STOPPED (value 1 or 0);
    `subject`: a shop as `platform/number`, an account's number or a provider; empty for all."""

    name: Annotated[Words, Field(max_length=20)]
    subject: Annotated[Words, Field(max_length=128)] = ""
    value: Fen
    text: Text


class PendingOut(Answered):
    refund_no: str
    case_no: str
    rail: str
    channel: str
    amount_fen: int
    ordered_at: datetime
    missing: int
    mine: bool


class ControlOut(BaseModel):
    name: str
    subject: str
    value: int


class StepOut(Answered):
    state: str
    attempt: int
    source: str
    provider_ref: str
    route: str
    code: str


class CallOut(Answered):
    """`raw` is the provider's answer as it came; `answered_at` is null when none did."""

    kind: str
    number: str
    call: int
    sent_at: datetime
    answered_at: datetime | None
    status: int
    verified: bool
    outcome: str
    code: str
    raw: str


class MovementOut(BaseModel):
    """`blocked`: what it waits for besides time; `possible`: what may be decided by hand."""

    refund_no: str
    case_no: str
    amount_fen: int
    state: str
    attempt: int
    blocked: str
    next_at: datetime | None
    possible: list[str]
    steps: list[StepOut]
    calls: list[CallOut]


@bp.get("/approvals")
@allow(Role.OPERATOR)
@bp.output(list[PendingOut])
def approvals() -> list[Pending]:
    """Sums that wait for two people, the longest waiting first."""
    return list(pending(db.session, desk.person(current_actor())))


@bp.get("/movements/<refund_no>")
@allow(Role.OPERATOR)
@bp.output(MovementOut)
def movement(refund_no: str) -> MovementOut:
    """One movement with every step, and every call with its raw answer."""
    found = dossier(db.session, refund_no, house().clock.now())
    return MovementOut(
        refund_no=refund_no,
        case_no=found.case.claim.case_no,
        amount_fen=found.movement.order.amount_fen,
        state=found.movement.state,
        attempt=found.movement.attempt,
        blocked=found.blocked,
        next_at=found.next_at,
        possible=list(found.possible),
        steps=[StepOut.model_validate(step) for step, _at in found.steps],
        calls=[CallOut.model_validate(call) for call in found.exchanges],
    )


@bp.post("/movements/<refund_no>/approval")
@allow(Role.OPERATOR)
@bp.input(ReasonBody, arg_name="body")
@bp.output(RecordedOut)
def approve(refund_no: str, body: ReasonBody) -> RecordedOut:
    """Let a large sum go, as one of two people."""
    actor = current_actor()
    return recorded(desk.approve(house(), actor, refund_no, body.text, wish_of(actor)))


@bp.post("/movements/<refund_no>/override")
@allow(Role.OPERATOR)
@bp.input(OverrideBody, arg_name="body")
@bp.output(RecordedOut)
def override(refund_no: str, body: OverrideBody) -> RecordedOut:
    """Decide by hand what follows, with a reason that goes on record."""
    actor = current_actor()
    wish = wish_of(actor)
    return recorded(desk.override(house(), actor, refund_no, body.what, body.text, wish))


@bp.post("/movements/<refund_no>/card")
@allow(Role.OPERATOR)
@bp.input(CardBody, arg_name="body")
@bp.output(RecordedOut)
def send_on(refund_no: str, body: CardBody) -> RecordedOut:
    """Send a payment that the payer's account could not take to another card."""
    actor = current_actor()
    wish = wish_of(actor)
    return recorded(desk.send_on(house(), actor, refund_no, body.text, body.as_card(), wish))


@bp.get("/controls")
@allow(Role.OPERATOR)
@bp.output(list[ControlOut])
def controls() -> list[ControlOut]:
    """Every limit and switch as it stands."""
    limits = [
        ControlOut(name=one.limit.name, subject=subject, value=value)
        for one in standing(db.session)
        for subject, value in (("", one.value), *one.own)
    ]
    found = switches(db.session, house().providers, house().clock.now())
    return limits + [
        ControlOut(name=STOPPED, subject=one.name, value=int(one.stopped)) for one in found
    ]


@bp.put("/controls")
@allow(Role.OPERATOR)
@bp.input(ControlBody, arg_name="body")
@bp.output(RecordedOut)
def set_control(body: ControlBody) -> RecordedOut:
    """Set a limit or a switch, with a reason that goes on record."""
    actor = current_actor()
    command = SetControl(body.name, body.subject, body.value, body.text)
    return recorded(desk.set_control(house(), actor, command, wish_of(actor)))
