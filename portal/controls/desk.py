"""What an operator decides about money, put together for pages and programs alike."""

from __future__ import annotations

from dataclasses import replace

from portal.access import Actor
from portal.controls.commands import ApproveMoney, OverrideMoney, SetControl
from portal.controls.limits import AUTHORITY_FEN
from portal.controls.queries import authority_of
from portal.errors import BadInput, NotFound, Refused
from portal.errors import sentence as _
from portal.history import load_case
from portal.house import House
from portal.idempotency import bound
from portal.providers.values import BankCard, NotAvailable
from portal.recorder import Receipt
from portal.refunds.reserving import is_covered
from portal.refunds.state import COVERED
from portal.refunds.tables import MovementRow
from portal.refunds.turns import wake_blocked


def person(actor: Actor) -> str:
    """Who decides, as the ledger keeps it: two decisions must be two accounts'."""
    return f"OPERATOR:{actor.account_id}"


def approve(house: House, actor: Actor, refund_no: str, text: str, wish: str) -> Receipt:
    """MONEY_APPROVED; `wish` is the command id. Raises NotFound, Refused, BadInput."""
    case_no, authority_fen = _looked_up(house, actor, refund_no)
    command = ApproveMoney(case_no, refund_no, person(actor), text, authority_fen)
    return house.recorder.record(command, by=person(actor), command_id=bound(wish, command))


def override(
    house: House, actor: Actor, refund_no: str, what: str, text: str, wish: str
) -> Receipt:
    """MONEY_OVERRIDDEN; the engine acts on it. Raises NotFound, Refused, BadInput."""
    case_no, authority_fen = _looked_up(house, actor, refund_no)
    if what == COVERED:
        _check_covered(house, case_no, refund_no)
    command = OverrideMoney(case_no, refund_no, what, text, person(actor), authority_fen)
    return house.recorder.record(command, by=person(actor), command_id=bound(wish, command))


def send_on(
    house: House, actor: Actor, refund_no: str, text: str, card: BankCard | None, wish: str
) -> Receipt:
    """The decision on record first, then the request to send an ABNORMAL payment to another card.
    The card goes to the provider and nowhere else."""
    receipt = override(house, actor, refund_no, "ABNORMAL_CARD", text, wish)
    case_no, _authority = _looked_up(house, actor, refund_no)
    try:
        taken = house.duties.execution.send_on(case_no, refund_no, card)
    except NotAvailable:
        raise Refused(_("这家支付机构不能改付到别的银行卡")) from None
    if not taken:
        raise Refused(_("决定已记录，支付机构还没有受理，请看下面的往来记录再试"))
    return receipt


def set_control(house: House, actor: Actor, command: SetControl, wish: str) -> Receipt:
    """CONTROL_SET; whatever waits for a limit or switch is looked at again at once."""
    if command.name == AUTHORITY_FEN and command.subject.strip() == str(actor.account_id):
        raise BadInput("subject", _("自己的额度要由另一位管理员设定"))
    asked = replace(command, approver=person(actor))
    receipt = house.recorder.record(asked, by=person(actor), command_id=bound(wish, asked))
    with house.sessions.begin() as session:
        wake_blocked(session, house.clock.now())
    return receipt


def _check_covered(house: House, case_no: str, refund_no: str) -> None:
    """What the buyer does not have yet is never written off: the platform pays it back first."""
    with house.sessions() as session:
        case = load_case(session, case_no)
        movement = case.movement(refund_no)
        if movement is not None and not is_covered(session, case, movement):
            raise Refused(_("平台另外退的钱还不够这笔款。请平台先退足差额并更新订单，再这样处理"))


def _looked_up(house: House, actor: Actor, refund_no: str) -> tuple[str, int]:
    """The movement's case, and up to how many fen this person may decide."""
    with house.sessions() as session:
        row = session.get(MovementRow, refund_no)
        if row is None:
            raise NotFound(_("没有这笔款"))
        return row.case_no, authority_of(session, actor.account_id or 0)
