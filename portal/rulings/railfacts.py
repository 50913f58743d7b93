"""What is said beside a money rail: route, source, dates, earlier attempts, lateness."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext

from portal.arrivals.promising import is_late, promise_for, span_for
from portal.arrivals.rules import has_arrived, is_questioned
from portal.cases.state import Case
from portal.errors import sentence as _
from portal.events import ArrivalPromise, RefundState
from portal.formats import BEIJING, day, moment, seconds_after, yuan
from portal.refunds.state import ENDED, OPEN, PLANNED, Movement, attempt_no
from portal.words import CHANNELS, FUNDING, MOVEMENTS, ROUTES

BLOCKED = {
    "APPROVAL": _("金额较大，要两个人批准后才付。运营已收到提醒，你不用做什么。"),
    "CAP": _("今天的付款额度已满，有额度后接着付。"),
    "STOPPED": _("这个支付渠道暂时停用，恢复后马上付。运营已知道。"),
    "NOT_AVAILABLE": _("这个支付渠道现在不能付这笔款，运营会换一条路付。"),
    "DECISION": _("支付机构没有付成，等运营决定换哪条路付。"),
}
# What was decided by hand while an attempt is under way; it has no effect before that one's end.
NEXT = {
    "ADVANCE": _(
        "运营已要求平台先付这笔款，要等正在进行的这次付款有结果：现在先付，可能付两次。"
        "证实没有付成，平台就付；已经付成，就不再付。"
    ),
    "TO_PAYOUT": _(
        "运营已决定改为转账付款，要等正在进行的这次付款有结果：现在转账，可能付两次。"
        "证实没有付成，就转账；已经付成，就不再付。"
    ),
}
NO_CALL = timedelta(minutes=5)
NO_WORD = timedelta(minutes=10)


@dataclass(frozen=True)
class Fact:
    """One line beside the rail."""

    label: str
    text: str


@dataclass(frozen=True)
class Attempt:
    """A number that ended without paying, and how."""

    number: str
    text: str


def facts_of(movement: Movement) -> tuple[Fact, ...]:
    """Road, source, parts and numbers, as far as they are known."""
    return tuple(Fact(label, text) for label, text in _facts(movement) if text)


def _facts(movement: Movement) -> Iterator[tuple[str, str]]:
    paid = movement.success
    yield gettext("走哪条路"), road_of(movement)
    yield gettext("钱从哪里出"), sources_of(movement)
    if paid and paid.coupon_fen:
        yield gettext("其中"), _parts(paid)
    if paid and paid.promise and not has_arrived(movement):
        yield gettext("承诺到账日"), promised(paid.promise)
    yield gettext("编号"), movement.attempt_no if movement.calls else movement.refund_no


def road_of(movement: Movement) -> str:
    """The road that the provider named; before it has, the one that was asked for."""
    order = movement.order
    channel = gettext(CHANNELS.get(order.channel, order.channel))
    route = movement.success.route if movement.success else ""
    if route in ROUTES and route != "ORIGINAL":
        return gettext(ROUTES[route])
    if not movement.pays_out:
        return gettext("原路退回（%(channel)s）", channel=channel)
    return gettext("另外付给买家（%(channel)s），不从退款里出", channel=channel)


def sources_of(movement: Movement) -> str:
    """Whose money it is; empty before anything is set aside."""
    parts = (
        f"{gettext(FUNDING.get(part.account, part.account))} {yuan(part.amount_fen)}"
        for part in movement.funding
    )
    return gettext("、").join(parts)


def _parts(paid: RefundState) -> str:
    return gettext(
        "现金 %(cash)s，优惠券 %(coupon)s（退回券包）",
        cash=yuan(paid.cash_fen),
        coupon=yuan(paid.coupon_fen),
    )


def promised(promise: ArrivalPromise) -> str:
    """The stored dates as they are, one or two of them; "预计" where a year is not announced."""
    first, last = day(promise.earliest), day(promise.latest)
    span = last if first == last else gettext("%(first)s至%(last)s", first=first, last=last)
    return span if promise.certain else gettext("预计 %(span)s", span=span)


def arrival_note(case: Case, movement: Movement) -> str:
    """By whose word it arrived, or when it is to arrive."""
    if has_arrived(movement):
        return _witness(movement.states[-1][0].source)
    if movement.success and movement.success.promise:
        return gettext("承诺 %(days)s", days=promised(movement.success.promise))
    return "" if movement.is_paid else usual(case)


def _witness(source: str) -> str:
    if source == "BUYER":
        return gettext("买家确认收到")
    if source == "CLOCK":
        return gettext("过了承诺的日子，没有人说没收到，推定到账")
    return gettext("支付机构或银行确认入账")


def usual(case: Case) -> str:
    """How long the channel takes after the provider has paid, before there is a promise."""
    payment = case.claim.payment
    span = span_for(payment.channel, payment.method)
    if not span.most:
        return gettext("支付机构付款后，几分钟内到账")
    return gettext(
        "支付机构付款后，通常 %(least)s–%(most)s 个工作日", least=span.least, most=span.most
    )


def attempts_of(movement: Movement) -> tuple[Attempt, ...]:
    """The numbers that came to nothing, each with its end."""
    return tuple(
        Attempt(attempt_no(movement.refund_no, event.attempt), _end(event, at))
        for event, at in movement.states
        if event.state in ENDED
    )


def _end(event: RefundState, at: str) -> str:
    return gettext("%(what)s，%(time)s", what=gettext(MOVEMENTS[event.state]), time=moment(at))


def waits_for(movement: Movement, blocked: str) -> str:
    """What keeps an unpaid movement from going on, as a sentence; empty when nothing does."""
    text = BLOCKED.get(blocked, "")
    return gettext(text) if text and not movement.is_over and not movement.waiting else ""


def awaits(movement: Movement) -> str:
    """What was asked for by hand and waits for the end of the attempt under way; mostly empty."""
    if movement.state not in OPEN or not movement.is_rerouted:
        return ""
    chosen = [word.event.what for word in movement.words if word.event.what in NEXT]
    return gettext(NEXT[chosen[-1]])


def lateness(case: Case, movement: Movement, now: datetime) -> str:
    """What is late and what comes of it, in one or two sentences; empty when nothing is."""
    if movement.waiting or movement.state == "CANCELLED" or has_arrived(movement):
        return ""
    if is_questioned(movement) and movement.answered_at >= movement.questioned_at:
        return gettext(
            "买家在 %(time)s说没有收到。运营在 %(answered)s答复：%(text)s",
            time=moment(movement.questioned_at),
            answered=moment(movement.answered_at),
            text=movement.answer,
        )
    if is_questioned(movement):
        return gettext(
            "买家在 %(time)s说没有收到。运营正在向支付机构核实，"
            "到期没有结果就升级，消费者协会也看得到。",
            time=moment(movement.questioned_at),
        )
    if movement.is_paid:
        return _past_promise(movement, now)
    return _stuck(movement, now) or _under_way(case, movement, now)


def _past_promise(movement: Movement, now: datetime) -> str:
    promise = movement.success.promise if movement.success else None
    if promise is None or not is_late(promise, now.astimezone(BEIJING).date()):
        return ""
    return gettext(
        "已经过了承诺的最晚到账日 %(day)s。买家请先查付款时用的账户，没有的话点“还没收到”，"
        "运营会向支付机构核实。",
        day=day(promise.latest),
    )


def _stuck(movement: Movement, now: datetime) -> str:
    heard_at = movement.states[-1][1] if movement.states else movement.ordered_at
    waited = seconds_after(now, heard_at)
    if movement.state in (PLANNED, "RESERVED") and waited > NO_CALL.total_seconds():
        return gettext("还没有提交给支付机构，比平时慢。运营已收到提醒，你不用做什么。")
    if movement.state == "SUBMITTED" and waited > NO_WORD.total_seconds():
        return gettext("支付机构还没有明确答复，比平时慢。系统会一直查询，查清之前不会再付一次。")
    return ""


def _under_way(case: Case, movement: Movement, now: datetime) -> str:
    """Accepted, and longer under way than its channel takes even to arrive."""
    if movement.state != "PROCESSING":
        return ""
    accepted_at = movement.states[-1][1]
    channel, method = movement.order.channel, case.claim.payment.method
    if seconds_after(now, accepted_at) <= NO_WORD.total_seconds():
        return ""
    usual = promise_for(channel, method, accepted_at)
    instant = not span_for(channel, method).most
    if not instant and not is_late(usual, now.astimezone(BEIJING).date()):
        return ""
    return gettext(
        "支付机构受理后一直没有最后结果，比平时慢。运营已收到提醒，系统会一直查询，"
        "查清之前不会再付一次。"
    )
