"""What platforms and operators wish about deposits and advances, for pages and programs alike."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from portal.access import Actor
from portal.books.commands import RecordRecoup, SetDeposit, WantReturn
from portal.books.queries import Recoup, recoup
from portal.books.returns import newest, ref_of, returnable_fen
from portal.cases.state import Case
from portal.controls.desk import person
from portal.controls.queries import authority_of
from portal.database import AnySession
from portal.errors import BadInput, Refused
from portal.errors import sentence as _
from portal.events import RecoupState
from portal.history import load_case
from portal.house import House
from portal.idempotency import bound, by
from portal.providers.values import NotAvailable
from portal.recorder import Receipt
from portal.refunds.state import Movement
from portal.refunds.transfers import transfer_of
from portal.times import moment


@dataclass(frozen=True)
class Return:
    """How far the provider is with giving an advance back. `steps` are (event, recorded time);
    `possible_fen`: what it can be asked for now, 0 where it cannot."""

    steps: tuple[tuple[RecoupState, datetime], ...]
    possible_fen: int


def set_deposit(house: House, actor: Actor, command: SetDeposit) -> Receipt:
    """Record a platform's own word; the same word again gives the same receipt.

    Raises BadInput, also for somebody else's platform.
    """
    if command.platform != actor.platform:
        raise BadInput("platform", _("只能提交自己平台的记录"))
    try:
        moment(command.as_of)
    except ValueError:
        raise BadInput("as_of", _("时间要写成 2026-11-22T10:00:00+08:00 这样")) from None
    named = hashlib.sha256(repr(command).encode()).hexdigest()
    return house.recorder.record(command, by=by(actor), command_id=f"deposit/{named}")


def record_recoup(
    house: House, session: AnySession, actor: Actor, command: RecordRecoup, wish: str
) -> Receipt:
    """Record what came back of an advance. Raises NotFound, BadInput, Refused."""
    recoup(session, command.refund_no)
    return house.recorder.record(command, by=by(actor), command_id=bound(wish, command))


def want_return(
    house: House, session: AnySession, actor: Actor, refund_no: str, text: str, wish: str
) -> Receipt:
    """RECOUP_STATE WANTED; the worker asks the provider. Raises NotFound, BadInput, Refused."""
    case = load_case(session, recoup(session, refund_no).case_no)
    if not _can_return(house, case, case.movement(refund_no)):
        raise Refused(_("这笔垫付不能请支付机构回补"))
    authority_fen = authority_of(session, actor.account_id or 0)
    command = WantReturn(case.claim.case_no, refund_no, text, person(actor), authority_fen)
    return house.recorder.record(command, by=person(actor), command_id=bound(wish, command))


def return_of(house: House, session: AnySession, owed: Recoup) -> Return:
    """What the recoup's page shows of it."""
    case = load_case(session, owed.case_no)
    movement = case.movement(owed.refund_no)
    if movement is None:
        return Return((), 0)
    last = newest(movement)
    free = last is None or last.state not in ("ASKED", "WANTED")
    fen = returnable_fen(movement) if free and _can_return(house, case, movement) else 0
    return Return(tuple((event, moment(at)) for event, at in movement.returns), fen)


def _can_return(house: House, case: Case, movement: Movement | None) -> bool:
    """The whole of it is outstanding, and its provider has a way."""
    if movement is None or not returnable_fen(movement):
        return False
    try:
        recourse = house.providers.recourse(movement.order.channel)
        recourse.prepare_return(transfer_of(case, movement), ref_of(movement))
    except NotAvailable:
        return False
    return True
