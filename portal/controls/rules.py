"""Who may let money go or move it by hand: with a reason, within limits, never twice the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from portal.cases.state import Case
from portal.controls.commands import ApproveMoney, OverrideMoney, SetControl
from portal.controls.limits import (
    AUTHORITY_FEN,
    LIMITS,
    MOST_FEN,
    MOST_SUBJECT,
    SHOP_DAY_FEN,
    STOPPED,
    subjects_of,
)
from portal.errors import BadInput, Refused
from portal.errors import sentence as _
from portal.events import ControlSet, Event, MoneyApproved, MoneyOverridden
from portal.providers.values import BankCard
from portal.refunds.state import ENDED, PLANNED, Movement

MOST_TEXT = 1_000
WAITING = (PLANNED, "RESERVED", *ENDED)
# While the provider holds what it could not pay out, no other road is open: what it sends on to a
# card would be paid twice.
NOT_HELD = (*WAITING, "SUBMITTED", "PROCESSING")
# From which states each decision makes sense; an empty tuple: from any that is not paid.
FROM: dict[str, tuple[str, ...]] = {
    "RETRY": (),
    "ADVANCE": NOT_HELD,
    "TO_PAYOUT": NOT_HELD,
    "CAP": WAITING,
    "ABNORMAL_CARD": ("ABNORMAL",),
    "OFFLINE": WAITING,
    "COVERED": (),
}
BY_TWO = ("OFFLINE", "COVERED")
REFUND_ONLY = ("TO_PAYOUT", "COVERED")  # what is no refund is a transfer already


def approve_money(case: Case, command: ApproveMoney, now: datetime) -> tuple[Event, ...]:
    """MONEY_APPROVED; the second one lets the sum go."""
    movement = _unpaid(case, command.refund_no)
    text = _reason(command.text)
    if movement.state not in WAITING:
        raise Refused(_("这笔钱已经发出，不用再批准"))
    if command.approver in movement.approvals:
        raise Refused(_("你已经批准过这笔付款，要由另一位管理员批准"))
    amount_fen = movement.order.amount_fen
    _check_authority(amount_fen, command.authority_fen)
    return (MoneyApproved(command.refund_no, command.approver, amount_fen, text),)


def override_money(case: Case, command: OverrideMoney, now: datetime) -> tuple[Event, ...]:
    """MONEY_OVERRIDDEN; what follows from it is the engine's."""
    movement = _unpaid(case, command.refund_no)
    if command.what not in FROM:
        raise BadInput("what", _("请从列表里选"))
    if command.what in REFUND_ONLY and movement.order.rail != "REFUND":
        raise Refused(_("这笔款现在的状态不能这样处理"))
    text = _reason(command.text)
    allowed = FROM[command.what]
    if allowed and movement.state not in allowed:
        raise Refused(_("这笔款现在的状态不能这样处理"))
    if command.what == "OFFLINE" and movement.waiting:  # the goods may still lower the sum
        raise Refused(_("这笔款现在的状态不能这样处理"))
    if command.authority_fen is not None:
        _check_authority(movement.order.amount_fen, command.authority_fen)
    _check_once(movement, command)
    return (MoneyOverridden(command.refund_no, command.what, text, command.approver),)


def _check_once(movement: Movement, command: OverrideMoney) -> None:
    said = movement.said(command.what)
    if command.what in BY_TWO and any(event.approver == command.approver for event in said):
        raise Refused(_("你已经确认过，要由另一位管理员确认"))
    if command.what in ("ADVANCE", "TO_PAYOUT", "CAP") and said:
        raise Refused(_("已经这样处理过"))


def _unpaid(case: Case, refund_no: str) -> Movement:
    movement = case.movement(refund_no)
    if movement is None or movement.is_over:
        raise Refused(_("本案现在没有要执行的退款"))
    return movement


def _reason(text: str) -> str:
    if not text.strip():
        raise BadInput("text", _("请写明理由"))
    if len(text) > MOST_TEXT:
        raise BadInput("text", _("最多 %(most)s 个字"), most=MOST_TEXT)
    return text.strip()


def _check_authority(amount_fen: int, authority_fen: int) -> None:
    if amount_fen > authority_fen:
        raise Refused(_("这笔金额超过你的批准额度，请额度更高的管理员处理"))


def card_of(bank_type: str, number: str, holder: str) -> BankCard | None:
    """None: to the shop's own card. Raises BadInput when only a part is told, which would send the
    buyer's money there by mistake."""
    parts = {"bank_type": bank_type.strip(), "number": number.strip(), "holder": holder.strip()}
    if not any(parts.values()):
        return None
    for name, part in parts.items():
        if not part:
            raise BadInput(name, _("银行、卡号、户名要一起填写"))
    return BankCard(**parts)


def set_control(
    history: tuple[Event, ...], command: SetControl, now: datetime
) -> tuple[Event, ...]:
    """CONTROL_SET, with who set it and why for everybody who reads the ledger. Whoever could widen
    a limit alone could let any sum go alone: a wider limit holds once a second person asks for the
    same; a narrower one, and the switch, hold at once."""
    limit = LIMITS.get(command.name)
    if limit is None:
        raise BadInput("name", _("请从列表里选"))
    subject = command.subject.strip()
    if (subject and not limit.subject) or len(subject) > MOST_SUBJECT:
        raise BadInput("subject", _("这一项只能对全平台设定"))
    if command.name == STOPPED and not subject:
        raise BadInput("subject", _("请选支付机构"))
    if command.name == SHOP_DAY_FEN and subject and not all(subject.partition("/")):
        raise BadInput("subject", _("请填平台和店铺编号，例如 hailiao-live/shop-1"))
    if command.name == AUTHORITY_FEN and subject and not subject.isdigit():
        raise BadInput("subject", _("请填管理员的账号编号"))
    most = 1 if command.name == STOPPED else MOST_FEN
    if not 0 <= command.value <= most:
        raise BadInput("value", _("数值不在允许的范围里"))
    set_before = [event for event in history if isinstance(event, ControlSet)]
    asked = ControlSet(
        command.name, subject, command.value, _reason(command.text), command.approver
    )
    return (replace(asked, in_force=not _widens(set_before, asked) or _agrees(set_before, asked)),)


def _widens(before: Sequence[ControlSet], asked: ControlSet) -> bool:
    holds = {e.subject: e.value for e in before if e.name == asked.name and e.in_force}
    subjects = subjects_of(asked.name, asked.subject)
    now = next((holds[each] for each in subjects if each in holds), LIMITS[asked.name].usual)
    return asked.name != STOPPED and asked.value > now


def _agrees(before: Sequence[ControlSet], asked: ControlSet) -> bool:
    """Whether somebody else asked for the same last."""
    same = [e for e in before if (e.name, e.subject) == (asked.name, asked.subject)]
    last = same[-1] if same else asked
    return not last.in_force and last.value == asked.value and last.approver != asked.approver
