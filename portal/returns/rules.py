"""A parcel that came back: accepted, contested, answered once, judged by an officer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from portal.cases.state import Case
from portal.errors import BadInput, Refused
from portal.errors import sentence as _
from portal.events import (
    CarrierAsked,
    Event,
    EvidenceSealed,
    ExecutionReduced,
    RefundState,
    ReturnAnswered,
    ReturnContested,
    ReturnJudged,
    ReturnReceived,
)
from portal.evidence.rules import check_numbers
from portal.obligations.ordering import order_of
from portal.officers.reasons import check_filled, check_reasons
from portal.refunds.state import Movement
from portal.returns.commands import AnswerReturn, AskCarrier, ContestReturn, JudgeReturn
from portal.returns.freight import freight_order
from portal.rulebook import VERSIONS
from portal.rulings.ending import followed_by_end
from portal.timers import start_clock
from portal.times import moment
from portal.words import CARRIER_STATES, RETURN_FAULTS, RETURN_OUTCOMES

RETURNS_CLAUSE = 15
MOST_EXHIBITS = 20


def goods_back(case: Case, confirmed_by: str) -> tuple[Event, ...]:
    """RETURN_RECEIVED, which sets the refund free, and the freight that others owe the buyer."""
    return (ReturnReceived(confirmed_by=confirmed_by), *freight_order(case))


def contest_return(case: Case, command: ContestReturn, now: datetime) -> tuple[Event, ...]:
    """RETURN_CONTESTED with its exhibits; the refund waits, the buyer has a word."""
    check_contestable(case, now)
    if command.reason not in RETURN_FAULTS:
        raise BadInput("reason", _("请选一个问题"))
    if command.carrier_state not in CARRIER_STATES:
        raise BadInput("carrier_state", _("请选快递现在的状态"))
    check_filled("text", command.text, _("请写明问题"))
    _check_exhibits(case, command.exhibits)
    numbers = (*command.known, *(x.number for x in command.exhibits))
    if command.reason != "NOT_ARRIVED" and not numbers:
        raise BadInput("files", _("请至少附一件凭证"))
    contested = ReturnContested(command.reason, command.text, command.carrier_state, numbers)
    clock = start_clock("RETURN_ANSWER", now, case.claim.rules_version)
    return (*command.exhibits, contested, clock)


def check_contestable(case: Case, now: datetime) -> None:
    """Whether the merchant may object now; asked also before a form is shown. Raises Refused."""
    if case.state != "RETURNING" or case.clock is None:
        raise Refused(_("现在没有等你验收的退货"))
    if now >= moment(case.clock.due_at):
        raise Refused(_("验收的期限 %(due)s 已过"), due=case.clock.due_at)


def answer_return(case: Case, command: AnswerReturn, now: datetime) -> tuple[Event, ...]:
    """RETURN_ANSWERED with its exhibits; an officer decides next."""
    check_answerable(case, now)
    check_filled("text", command.text, _("请写明你的回应"))
    _check_exhibits(case, command.exhibits)
    numbers = (*command.known, *(x.number for x in command.exhibits))
    answered = ReturnAnswered(command.text, numbers)
    clock = start_clock("RETURN_JUDGE", now, case.claim.rules_version)
    return (*command.exhibits, answered, clock)


def check_answerable(case: Case, now: datetime) -> None:
    """Whether the buyer may answer now; asked also before a form is shown. Raises Refused."""
    running = case.clock.clock if case.clock else ""
    if case.state != "RETURN_DISPUTED" or running != "RETURN_ANSWER":
        raise Refused(_("现在没有等你回应的退货异议"))
    if case.clock and now >= moment(case.clock.due_at):
        raise Refused(_("回应的期限 %(due)s 已过"), due=case.clock.due_at)


def _check_exhibits(case: Case, exhibits: Sequence[EvidenceSealed]) -> None:
    if len(exhibits) > MOST_EXHIBITS:
        raise BadInput("files", _("一次最多 %(most)s 个文件"), most=MOST_EXHIBITS)
    check_numbers(case, exhibits)


def ask_carrier(case: Case, command: AskCarrier, now: datetime) -> tuple[Event, ...]:
    """CARRIER_ASKED, once, with time for the answer."""
    check_judgeable(case)
    if case.dispute and case.dispute.asked:
        raise Refused(_("已经问过快递公司，请据此决定"))
    check_filled("text", command.text, _("请写明要问快递公司什么"))
    clock = start_clock("RETURN_JUDGE", now, case.claim.rules_version)
    return (CarrierAsked(command.text), clock)


def check_judgeable(case: Case) -> None:
    """Raises Refused unless it is an officer's turn."""
    running = case.clock.clock if case.clock else ""
    if case.state != "RETURN_DISPUTED" or running != "RETURN_JUDGE":
        raise Refused(_("本案现在没有等专员决定的退货异议"))


def judge_return(case: Case, command: JudgeReturn, now: datetime) -> tuple[Event, ...]:
    """RETURN_JUDGED, and what follows for the refund that waited for the goods."""
    check_judgeable(case)
    check_reasons(_with_statement(case, command), command.reasons)
    refund = _waiting(case)
    refund_fen = _granted_fen(command, refund)
    rules = VERSIONS[case.claim.rules_version]
    judged = ReturnJudged(
        outcome=command.outcome,
        refund_fen=refund_fen,
        reasons=command.reasons,
        clause=rules.clause(RETURNS_CLAUSE),
        send_back=command.outcome == "NONE" and command.send_back,
    )
    shown = (command.statement,) if command.statement else ()
    events = (*shown, judged, *_consequence(case, judged, refund, now))
    return followed_by_end(case, events, now)


def _with_statement(case: Case, command: JudgeReturn) -> Case:
    """The case with the carrier's statement in it, so that a reason may cite it."""
    if command.statement is None:
        return case
    check_numbers(case, (command.statement,))
    return replace(case, exhibits=(*case.exhibits, command.statement))


def _waiting(case: Case) -> Movement:
    return next(movement for movement in case.movements if movement.waiting)


def _granted_fen(command: JudgeReturn, refund: Movement) -> int:
    if command.outcome not in RETURN_OUTCOMES:
        raise BadInput("outcome", _("请从列表里选"))
    whole = refund.order.amount_fen
    if command.outcome != "PART":
        return whole if command.outcome == "FULL" else 0
    if not 0 < command.refund_fen < whole:
        raise BadInput("refund_fen", _("要大于 0，低于原来的退款金额"))
    return command.refund_fen


def _consequence(
    case: Case, judged: ReturnJudged, refund: Movement, now: datetime
) -> tuple[Event, ...]:
    number = refund.refund_no
    if judged.outcome == "NONE":
        fallen = RefundState(number, "CANCELLED", refund.order.amount_fen, source="OPERATOR")
        return (fallen, *_sent_back(case, judged, now))
    if judged.outcome == "PART":
        less = ExecutionReduced(number, judged.refund_fen, "RETURN_JUDGED")
        return (less, *goods_back(case, "OFFICER"))
    return goods_back(case, "OFFICER")


def _sent_back(case: Case, judged: ReturnJudged, now: datetime) -> tuple[Event, ...]:
    """Nobody keeps both the goods and the money."""
    if not judged.send_back:
        return ()
    number = f"O{len(case.obligations) + 1}"
    return (order_of(case, number, "SEND_BACK", ("NONE", 0), now),)
