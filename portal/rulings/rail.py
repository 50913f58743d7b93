"""The money's way from a ruling to the payer, as far as it has come."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext

from portal.cases.state import Case
from portal.formats import moment, yuan
from portal.words import CHANNELS


@dataclass(frozen=True)
class Stage:
    """One stop of the money's way, as the spine component takes it."""

    t: str
    state: str  # done, now, todo, bad
    when: str = ""
    note: str = ""


def rail_of(case: Case) -> tuple[Stage, ...]:
    """From the ruling to the money: what is done, where it stands, what is to come."""
    if case.order is None:
        return ()
    first = Stage(gettext("结论生效"), "done", moment(case.ruled_at))
    back = (_sending(case), _inspecting(case)) if case.order.return_first else ()
    return (first, *back, _submitting(case), _paying(case))


def _sending(case: Case) -> Stage:
    if case.shipped:
        return Stage(gettext("买家已寄回"), "done", note=case.shipped.carrier)
    if case.closed:
        return Stage(gettext("买家没有在期限内寄回"), "bad")
    return Stage(gettext("等买家寄回"), "now", note=_latest(case))


def _inspecting(case: Case) -> Stage:
    if case.received and case.received.confirmed_by == "CLOCK":
        return Stage(gettext("商家验收"), "done", note=gettext("到期没有异议，视为通过"))
    if case.received:
        return Stage(gettext("商家验收"), "done", note=gettext("商家已确认收到"))
    return Stage(
        gettext("商家验收"), "now" if case.shipped else "todo", note=_latest(case, "RETURNING")
    )


def _latest(case: Case, state: str = "AWAITING_RETURN") -> str:
    if case.state != state or case.clock is None:
        return ""
    return gettext("最迟 %(time)s", time=moment(case.clock.due_at))


def _submitting(case: Case) -> Stage:
    state = "done" if case.refund else "now" if case.state == "REFUNDING" else "todo"
    note = gettext("退款单号 %(no)s", no=case.refund.refund_no) if case.refund else ""
    return Stage(gettext("提交给支付机构"), state, note=note)


def _paying(case: Case) -> Stage:
    assert case.order is not None, "no rail without an order"
    channel = gettext(CHANNELS.get(case.order.channel, case.order.channel))
    title = gettext(
        "退款 %(amount)s，原路退回（%(channel)s）",
        amount=yuan(case.order.amount_fen),
        channel=channel,
    )
    if case.refund and case.refund.state == "SUCCESS":
        note = gettext("支付机构凭证 %(ref)s", ref=case.refund.provider_ref)
        return Stage(title, "done", moment(case.refund.provider_at), note)
    return Stage(title, "now" if case.refund else "todo")
