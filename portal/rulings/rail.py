"""The money's way from a ruling to the payee, one rail for each movement, as far as it has come.

Accepted, paid and arrived are three facts, each with its own time and its own witness: the provider
for the first two, the payee (or nobody who objects in time) for the third.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from flask_babel import gettext

from portal.arrivals.rules import has_arrived, is_questioned, may_confirm, may_question
from portal.cases.state import Case
from portal.errors import sentence as _
from portal.events import RefundState
from portal.formats import carrier, moment, yuan
from portal.refunds.state import ENDED, PLANNED, Movement
from portal.rulings.railfacts import (
    Attempt,
    Fact,
    arrival_note,
    attempts_of,
    awaits,
    facts_of,
    lateness,
    waits_for,
)
from portal.words import MOVEMENTS, RAILS

INSPECTED = {
    "MERCHANT": _("商家已确认收到"),
    "CLOCK": _("到期没有异议，视为通过"),
    "OFFICER": _("商家有异议，由专员作出决定"),
}
ENDINGS = {
    "CLOSED": _("上一次没有付成，会用新的编号再提交"),
    "REFUSED": _("上一次没有付成，等运营决定怎么付"),
    "REVERSED": _("上一次没有付成，等运营决定怎么付"),
}
ACCEPTED = ("PROCESSING", "SUCCESS", "ABNORMAL")
TONES = {"ARRIVED": "ok", "SUCCESS": "ok", **dict.fromkeys((*ENDED, "ABNORMAL"), "bad")}


@dataclass(frozen=True)
class Stage:
    """One stop of the money's way, as the spine component takes it."""

    t: str
    state: str  # done, now, todo, bad
    when: str = ""
    note: str = ""


@dataclass(frozen=True)
class Rail:
    """One movement as people follow it. `late` says what is late and what comes of it, `awaits`
    what was decided by hand and comes next, if anything is still to be paid then."""

    refund_no: str
    title: str
    label: str
    tone: str
    stages: tuple[Stage, ...]
    facts: tuple[Fact, ...]
    attempts: tuple[Attempt, ...]
    late: str
    awaits: str
    may_confirm: bool
    may_question: bool


def rails_of(
    case: Case, now: datetime, blocked: Mapping[str, str] = MappingProxyType({})
) -> tuple[Rail, ...]:
    """Every movement of the case, in the order in which they were ordered.

    `blocked` says of a movement what it waits for, when that is not time alone (tables.TurnRow).
    """
    return tuple(_rail(case, each, now, blocked.get(each.refund_no, "")) for each in case.movements)


def _rail(case: Case, movement: Movement, now: datetime, blocked: str) -> Rail:
    late = waits_for(movement, blocked) or lateness(case, movement, now)
    said = "SUCCESS" if is_questioned(movement) else movement.state
    return Rail(
        refund_no=movement.refund_no,
        title=title_of(movement),
        label=gettext(MOVEMENTS[said]),
        tone=TONES.get(movement.state) or ("act" if late else "info"),
        stages=stages_of(case, movement, blocked),
        facts=facts_of(movement),
        attempts=attempts_of(movement),
        late=late,
        awaits=awaits(movement),
        may_confirm=may_confirm(movement),
        may_question=may_question(movement, now),
    )


def title_of(movement: Movement) -> str:
    """What it is and how much: ``退款 ¥329.00``."""
    return f"{gettext(RAILS[movement.order.rail])} {yuan(movement.order.amount_fen)}"


def stages_of(case: Case, movement: Movement, blocked: str = "") -> tuple[Stage, ...]:
    """From the ruling to the money in hand: what is done, where it stands, what is to come."""
    first = Stage(
        gettext("决定%(what)s", what=title_of(movement)), "done", moment(movement.ordered_at)
    )
    back = (_sending(case), _inspecting(case)) if movement.order.return_first else ()
    if movement.state == "CANCELLED":
        ended = _ended(movement)
        return (first, *back, ended)
    way = (_submitting(movement, blocked), _accepting(movement), _paying(movement))
    return (first, *back, *(_of_case(case, stage) for stage in (*way, _arriving(case, movement))))


def _ended(movement: Movement) -> Stage:
    at = _at(movement, "CANCELLED")
    if movement.is_covered:
        return Stage(gettext("平台已另行退还，不再付款"), "done", at)
    return Stage(gettext("不再付款"), "bad", at)


def _of_case(case: Case, stage: Stage) -> Stage:
    """A step that can no longer come, because the case ended without it."""
    never = stage.state == "now" and case.closed and case.closed.reason != "EXECUTED"
    return Stage(stage.t, "todo") if never else stage


def _sending(case: Case) -> Stage:
    if case.shipped:
        note = f"{carrier(case.shipped.carrier)} {case.shipped.waybill}"
        return Stage(gettext("买家已寄回"), "done", note=note)
    if case.closed:
        return Stage(gettext("买家没有在期限内寄回，不再付款"), "bad")
    return Stage(gettext("等买家寄回"), "now", note=_latest(case))


def _inspecting(case: Case) -> Stage:
    judged = case.dispute and case.dispute.judged
    if case.received or judged:
        by = case.received.confirmed_by if case.received else "OFFICER"
        return Stage(gettext("商家验收"), "done", note=gettext(INSPECTED[by]))
    if case.dispute:
        return Stage(gettext("商家验收"), "now", note=gettext("商家对退回的商品有异议"))
    waiting = "now" if case.shipped and not case.closed else "todo"
    return Stage(gettext("商家验收"), waiting, note=_latest(case, "RETURNING"))


def _latest(case: Case, state: str = "AWAITING_RETURN") -> str:
    if case.state != state or case.clock is None:
        return ""
    return gettext("最迟 %(time)s", time=moment(case.clock.due_at))


def _submitting(movement: Movement, blocked: str) -> Stage:
    """The newest attempt: an ended one leaves the way open for the next."""
    if movement.calls and movement.state not in ENDED:
        note = gettext("付款编号 %(no)s", no=movement.attempt_no)
        return Stage(gettext("已提交支付机构"), "done", moment(movement.calls[0][1]), note)
    note = gettext(_ending(movement, blocked)) if movement.state in ENDINGS else _kept(movement)
    return Stage(gettext("提交支付机构"), "todo" if movement.waiting else "now", note=note)


def _ending(movement: Movement, blocked: str) -> str:
    """What follows an attempt that came to nothing; after several of them a person decides."""
    return ENDINGS["REFUSED" if blocked == "DECISION" else movement.state]


def _kept(movement: Movement) -> str:
    if movement.waiting:
        return gettext("验收后马上提交")
    return "" if movement.state == PLANNED else gettext("款项已留出")


def _accepting(movement: Movement) -> Stage:
    accepted = [at for event, at in _newest_attempt(movement) if event.state in ACCEPTED]
    if accepted and movement.state not in ("CLOSED", "REFUSED"):
        return Stage(gettext("支付机构已受理"), "done", moment(accepted[0]))
    asked = movement.state == "SUBMITTED"
    note = gettext("还没有明确的答复，正在查询，不会重复付款") if asked else ""
    return Stage(gettext("支付机构受理"), "now" if asked else "todo", note=note)


def _paying(movement: Movement) -> Stage:
    paid = movement.success
    if paid:
        note = gettext("支付机构凭证 %(ref)s", ref=paid.provider_ref) if paid.provider_ref else ""
        return Stage(gettext("支付机构已付款"), "done", _when(paid.provider_at, movement), note)
    if movement.state == "REVERSED":
        note = gettext("支付机构说没有付成")
        return Stage(gettext("付款被撤回"), "bad", _at(movement, "REVERSED"), note)
    if movement.state == "ABNORMAL":
        note = gettext("原来的账户可能已注销或冻结，运营会换一条路付")
        return Stage(gettext("原账户收不了款"), "bad", _at(movement, "ABNORMAL"), note)
    return Stage(gettext("支付机构付款"), "now" if movement.state == "PROCESSING" else "todo")


def _when(provider_at: str, movement: Movement) -> str:
    """The provider's own time; when it gave none, when it was recorded."""
    return moment(provider_at) if provider_at else _at(movement, "SUCCESS")


def _arriving(case: Case, movement: Movement) -> Stage:
    note = arrival_note(case, movement)
    if has_arrived(movement):
        return Stage(gettext("已到账"), "done", _at(movement, "ARRIVED"), note)
    return Stage(gettext("到账"), "now" if movement.is_paid else "todo", note=note)


def _newest_attempt(movement: Movement) -> list[tuple[RefundState, str]]:
    return [(event, at) for event, at in movement.states if event.attempt == movement.attempt]


def _at(movement: Movement, state: str) -> str:
    """When the movement last came to this state."""
    times = [at for event, at in movement.states if event.state == state]
    return moment(times[-1]) if times else ""
