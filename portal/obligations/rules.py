"""Which step of an obligation may follow which, and what follows when it is not kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from portal.cases.state import Case
from portal.errors import BadInput, NotFound, Refused
from portal.errors import sentence as _
from portal.events import Event, EvidenceSealed, ObligationState
from portal.evidence.rules import check_numbers
from portal.obligations.commands import (
    CarryOutObligation,
    ConfirmObligation,
    DeliverObligation,
    DisputeObligation,
    ExpireObligation,
    JudgeObligation,
    ShipObligation,
)
from portal.obligations.falling import fail, most_fen
from portal.obligations.ordering import period_end
from portal.obligations.state import BY_DEED, BY_PARCEL, OPEN, WITH_BUYER, WITH_OFFICER, Obligation
from portal.officers.reasons import check_filled, check_reasons
from portal.parcels import check_parcel
from portal.rulings.ending import followed_by_end
from portal.times import moment
from portal.words import SHORTFALLS

MOST_EXHIBITS = 20


def ship(case: Case, command: ShipObligation, now: datetime) -> tuple[Event, ...]:
    """SHIPPED; the buyer's time to look at it runs, longer while no delivery is reported."""
    obligation = _mine_to_keep(case, command.number, command.side)
    if obligation.code not in BY_PARCEL:
        raise Refused(_("这一项不用寄送"))
    check_parcel(command.carrier, command.waybill)
    return (
        ObligationState(
            number=command.number,
            state="SHIPPED",
            due_at=period_end(case, "SHIPPED", now),
            source=command.side,
            carrier=command.carrier.strip(),
            waybill=command.waybill.strip(),
        ),
    )


def deliver(case: Case, command: DeliverObligation, now: datetime) -> tuple[Event, ...]:
    """DELIVERED, on the word of the shop or the platform; the buyer has seven days to object."""
    obligation = _find(case, command.number)
    if obligation.state != "SHIPPED":
        raise Refused(_("这一项没有在寄送途中"))
    due_at = period_end(case, "DELIVERED", now)
    return (_step(obligation, "DELIVERED", due_at, command.side),)


def carry_out(case: Case, command: CarryOutObligation, now: datetime) -> tuple[Event, ...]:
    """DONE, with a text or an exhibit that shows it."""
    obligation = _mine_to_keep(case, command.number, command.side)
    if obligation.code not in BY_DEED:
        raise Refused(_("这一项要寄给买家，请填快递单号"))
    numbers = _numbers(case, command.exhibits, command.known)
    if not numbers:
        check_filled("text", command.text, _("请写明怎么履行的，或者附一件凭证"))
    done = ObligationState(
        number=command.number,
        state="DONE",
        due_at=period_end(case, "DONE", now),
        source=command.side,
        text=command.text,
        exhibits=numbers,
    )
    return (*command.exhibits, done)


def _mine_to_keep(case: Case, number: str, side: str) -> Obligation:
    obligation = _find(case, number)
    if obligation.ordered.debtor != side:
        raise NotFound(_("没有这一项，或者不由你履行"))
    if obligation.state != OPEN:
        raise Refused(_("这一项现在不用你履行"))
    return obligation


def confirm(case: Case, command: ConfirmObligation, now: datetime) -> tuple[Event, ...]:
    """MET, by the buyer's word; also where the debtor never said that it was sent."""
    obligation = _find(case, command.number)
    if obligation.state not in (OPEN, *WITH_BUYER):
        raise Refused(_("这一项现在不用你确认"))
    return followed_by_end(case, (_step(obligation, "MET", "", "BUYER"),), now)


def dispute(case: Case, command: DisputeObligation, now: datetime) -> tuple[Event, ...]:
    """DISPUTED with its exhibits; an officer decides."""
    obligation = _find(case, command.number)
    if obligation.state not in WITH_BUYER:
        raise Refused(_("这一项现在不能提出异议"))
    if now >= moment(obligation.due_at):
        raise Refused(_("提出异议的期限 %(due)s 已过"), due=obligation.due_at)
    if command.why not in SHORTFALLS:
        raise BadInput("why", _("请选一个问题"))
    check_filled("text", command.text, _("请写明问题"))
    said = ObligationState(
        number=command.number,
        state="DISPUTED",
        due_at=period_end(case, "JUDGE", now),
        source="BUYER",
        why=command.why,
        text=command.text,
        exhibits=_numbers(case, command.exhibits, command.known),
    )
    return (*command.exhibits, said)


def judge(case: Case, command: JudgeObligation, now: datetime) -> tuple[Event, ...]:
    """MET or FAILED by an officer's word, with reasons that cite."""
    obligation = _find(case, command.number)
    if obligation.state not in WITH_OFFICER:
        raise Refused(_("这一项现在不由专员决定"))
    check_reasons(case, command.reasons)
    text = "\n".join(reason.text for reason in command.reasons)
    cited = tuple(one for reason in command.reasons for one in reason.citations)
    if command.met:
        met = ObligationState(obligation.number, "MET", source="OFFICER", text=text, exhibits=cited)
        return followed_by_end(case, (met,), now)
    worth_fen = _worth_fen(case, obligation, command.refund_fen)
    failed = ObligationState(
        obligation.number, "FAILED", "", "OFFICER", text=text, exhibits=cited, refund_fen=worth_fen
    )
    return followed_by_end(case, fail(case, obligation, failed), now)


def _worth_fen(case: Case, obligation: Obligation, given_fen: int | None) -> int:
    """What an officer says it is worth, never above what is left to refund."""
    most = most_fen(case, obligation)
    if given_fen is None:
        if obligation.ordered.fallback == "ASSESSED":
            raise BadInput("refund_fen", _("请写这一项值多少钱，没有价就写 0"))
        return most
    if not 0 <= given_fen <= most:
        raise BadInput("refund_fen", _("金额不能高于还可以退的金额"))
    return given_fen


def expire(case: Case, command: ExpireObligation, now: datetime) -> tuple[Event, ...]:
    """What follows when a deadline is over; refused when somebody acted meanwhile."""
    obligation = _find(case, command.number)
    if obligation.is_over or obligation.due_at != command.due_at:
        raise Refused(_("这个时限已经不再适用"))
    if now < moment(obligation.due_at):
        raise Refused(_("时限还没到"))
    return followed_by_end(case, _lapsed(case, obligation, now), now)


def _lapsed(case: Case, obligation: Obligation, now: datetime) -> tuple[Event, ...]:
    if obligation.state in WITH_BUYER:
        return (_step(obligation, "MET", "", "CLOCK"),)
    if obligation.state in WITH_OFFICER:
        return (_renewed(case, obligation, now),)
    if obligation.ordered.fallback == "ASSESSED":
        return (_step(obligation, "OVERDUE", period_end(case, "JUDGE", now), "CLOCK"),)
    return fail(case, obligation, _step(obligation, "FAILED", "", "CLOCK"))


def _renewed(case: Case, obligation: Obligation, now: datetime) -> ObligationState:
    """An officer late is reminded, again and again, and others hear of it."""
    return _step(obligation, obligation.state, period_end(case, "JUDGE", now), "CLOCK")


def _step(obligation: Obligation, state: str, due_at: str, source: str) -> ObligationState:
    return ObligationState(obligation.number, state, due_at, source)


def _find(case: Case, number: str) -> Obligation:
    obligation = case.obligation(number)
    if obligation is None:
        raise NotFound(_("本案没有这一项"))
    return obligation


def _numbers(
    case: Case, exhibits: Sequence[EvidenceSealed], known: tuple[str, ...]
) -> tuple[str, ...]:
    if len(exhibits) > MOST_EXHIBITS:
        raise BadInput("files", _("一次最多 %(most)s 个文件"), most=MOST_EXHIBITS)
    check_numbers(case, exhibits)
    return (*known, *(x.number for x in exhibits))
