"""Which step of a movement may follow which; another amount or another number is never booked."""

from __future__ import annotations

from datetime import datetime

from portal.cases.evolving import fold
from portal.cases.state import Case
from portal.errors import Refused
from portal.errors import sentence as _
from portal.events import Event, RefundState
from portal.refunds.commands import MoveMoney
from portal.refunds.state import COVERED, ENDED, OPEN, PAID, PLANNED, Movement
from portal.rulings.ending import followed_by_end
from portal.times import stamp

# From which states a step may be taken within one attempt.
FROM: dict[str, tuple[str, ...]] = {
    "RESERVED": (PLANNED, "RESERVED", *ENDED),
    "SUBMITTED": ("RESERVED", "SUBMITTED", *ENDED),
    "PROCESSING": ("SUBMITTED",),
    "SUCCESS": OPEN,
    "CLOSED": OPEN,
    "ABNORMAL": ("SUBMITTED", "PROCESSING"),
    "REFUSED": ("SUBMITTED",),
    "ARRIVED": ("SUCCESS",),
    "REVERSED": PAID,
    "CANCELLED": (PLANNED, "RESERVED", *ENDED),
}
OFFLINE_FROM = ("RESERVED", *ENDED)  # paid by hand, while no provider is at it


def move_money(case: Case, command: MoveMoney, now: datetime) -> tuple[Event, ...]:
    """REFUND_STATE for each step, and the end of the case with the last movement's."""
    reached = case
    for step in command.steps:
        _check(reached, step)
        reached = fold([(step, stamp(now))], reached)
    return followed_by_end(case, command.steps, now)


def _check(case: Case, step: RefundState) -> None:
    movement = case.movement(step.refund_no)
    if movement is None or (movement.waiting and step.state != "CANCELLED"):
        raise Refused(_("本案现在没有要执行的退款"))
    if movement.state not in _from(movement, step):
        raise Refused(_("这笔退款现在不能这样变动"))
    if step.state == "SUBMITTED" and movement.state != "SUBMITTED" and movement.is_vouched:
        raise Refused(_("这笔退款现在不能这样变动"))
    if _contradicts_cover(movement, step):
        raise Refused(_("这笔退款现在不能这样变动"))
    if step.amount_fen != movement.order.amount_fen:
        raise Refused(_("支付机构退款金额与结论不一致，已停下等人工核对"))
    if step.cash_fen + step.coupon_fen not in (0, movement.asked_fen) or _asks_other(case, step):
        raise Refused(_("支付机构退款金额与结论不一致，已停下等人工核对"))
    _check_attempt(movement, step)


def _contradicts_cover(movement: Movement, step: RefundState) -> bool:
    """Nothing is asked for that two people have called paid; only their word ends it so."""
    if movement.is_covered:
        return step.state in ("RESERVED", "SUBMITTED")
    return step.state == "CANCELLED" and step.code == COVERED


def _asks_other(case: Case, step: RefundState) -> bool:
    """Asked for less than is owed, or for more than the payment with its coupons."""
    total_fen = max(case.claim.payment.total_fen, step.amount_fen)
    return step.asked_fen != 0 and not step.amount_fen <= step.asked_fen <= total_fen


def _from(movement: Movement, step: RefundState) -> tuple[str, ...]:
    """The states from which the step may be taken now."""
    if step.state == "SUCCESS" and step.route == "OFFLINE":
        return OFFLINE_FROM if movement.is_paid_by_hand else ()
    if step.state == "RESERVED" and movement.states and not movement.is_rerouted:
        return ()
    return FROM[step.state]


def _check_attempt(movement: Movement, step: RefundState) -> None:
    """A new number only after the end of the attempt before it, and the same bytes within one."""
    opens = step.state in ("SUBMITTED", "RESERVED") and movement.state in ENDED
    if step.attempt != movement.attempt + opens:
        raise Refused(_("这不是当前的付款编号"))
    if not opens and movement.calls and step.state == "SUBMITTED":
        _check_same_bytes(movement, step)


def _check_same_bytes(movement: Movement, step: RefundState) -> None:
    if step.request_digest != movement.calls[0][0].request_digest:
        raise Refused(_("同一个付款编号的请求内容不能改变"))
