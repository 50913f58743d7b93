"""An officer decides with reasons, within the claim, and never alone on a statutory penalty."""

from __future__ import annotations

from datetime import datetime

from portal.cases.state import Case
from portal.errors import BadInput, Refused
from portal.errors import sentence as _
from portal.events import (
    AppraisalOrdered,
    AppraisalReceived,
    Event,
    RulingIssued,
    StatutoryConfirmed,
)
from portal.evidence.rules import check_numbers
from portal.officers.commands import (
    ConfirmStatutory,
    DecideCase,
    OrderAppraisal,
    ReceiveAppraisal,
)
from portal.officers.reasons import check_filled, check_reasons
from portal.rulebook import VERSIONS
from portal.rulings.ending import followed_by_end
from portal.rulings.granting import Granted, owed_by
from portal.rulings.orders import payout_order
from portal.rulings.panel import goes_back
from portal.rulings.reasoning import grounded
from portal.timers import start_clock
from portal.words import PENALTIES, REFUNDS, REMEDIES, STATUTORY
from reviewers.parties import PARTIES, WHOLE

PAYERS = ("BUYER", "MERCHANT", "PLATFORM")


def decide_case(case: Case, command: DecideCase, now: datetime) -> tuple[Event, ...]:
    """RULING_ISSUED on an officer's own responsibility, open to appeal like a panel's."""
    _check_turn(case)
    check_reasons(case, command.reasons)
    rules = VERSIONS[case.claim.rules_version]
    if command.clause not in {clause.number for clause in rules.clauses}:
        raise BadInput("clause", _("规则里没有这一条"))
    _check_liability(command)
    granted = _granted(case, command)
    ruling = RulingIssued(
        outcome=granted.outcome,
        basis="OFFICER",
        remedy=granted.remedy,
        refund_fen=granted.refund_fen,
        return_goods=goes_back(granted),
        owed=owed_by(case, granted),
        reasons=grounded(case, command.reasons),
        clause=rules.clause(command.clause),
        counts={},
        liability=dict(command.liability),
        round=case.round.number,
    )
    return (ruling, start_clock("APPEAL_WINDOW", now, case.claim.rules_version))


def _check_turn(case: Case) -> None:
    if case.state != "OFFICER":
        raise Refused(_("本案现在不由专员处理"))


def _check_liability(command: DecideCase) -> None:
    shares = command.liability
    if not shares.keys() <= set(PARTIES):
        raise BadInput("liability", _("责任方不在列表里"))
    if shares and (min(shares.values()) < 0 or sum(shares.values()) != WHOLE):
        raise BadInput("liability", _("责任比例要合计百分之百"))


def _granted(case: Case, command: DecideCase) -> Granted:
    if command.choice == "SUPPORT_RESPONDENT":
        return Granted("REJECTED")
    if command.choice == "SUPPORT_CLAIMANT":
        return _as_claimed(case)
    if command.choice == "PARTIAL":
        return _part(case, command)
    raise BadInput("choice", _("请从列表里选"))


def _as_claimed(case: Case) -> Granted:
    """The claim as made; a statutory penalty needs two thirds of a panel and is left out."""
    claimed = case.claimed
    statutory = claimed.compensation_code in STATUTORY
    money_fen = 0 if statutory else claimed.compensation_fen
    outcome = "PARTLY_UPHELD" if statutory else "UPHELD"
    return Granted(outcome, claimed.remedy, claimed.refund_fen, money_fen)


def _part(case: Case, command: DecideCase) -> Granted:
    claimed = case.claimed
    if command.remedy not in REMEDIES or command.remedy in ("DISMISS", *STATUTORY):
        raise BadInput("remedy", _("处理方式不在列表里"))
    if not 0 <= command.refund_fen <= claimed.refund_fen:
        raise BadInput("refund_fen", _("金额不能高于买家的请求"))
    if not 0 <= command.compensation_fen <= claimed.compensation_fen:
        raise BadInput("compensation_fen", _("金额不能高于买家的请求"))
    if command.compensation_fen and claimed.compensation_code in STATUTORY:
        raise BadInput("compensation_fen", _("法定赔偿要由评审作出，专员不能单独决定"))
    _check_worth(command)
    return Granted("PARTLY_UPHELD", command.remedy, command.refund_fen, command.compensation_fen)


def _check_worth(command: DecideCase) -> None:
    """A refund goes with a refund's name, and a part that grants nothing is no part."""
    refund = command.remedy in REFUNDS
    if refund != bool(command.refund_fen):
        raise BadInput("refund_fen", _("退款的处理方式要写退款金额，其他方式不写"))
    if not refund and command.remedy in PENALTIES and not command.compensation_fen:
        raise BadInput("compensation_fen", _("请写赔付金额"))


def order_appraisal(case: Case, command: OrderAppraisal, now: datetime) -> tuple[Event, ...]:
    """A laboratory answers a question before anybody decides; once in a case."""
    _check_turn(case)
    if case.appraised is not None:
        raise Refused(_("本案已经有一份检测鉴定，请据此决定"))
    check_filled("question", command.question, _("请写明要鉴定什么"))
    check_filled("laboratory", command.laboratory, _("请写明由哪家机构鉴定"))
    if command.payer not in PAYERS:
        raise BadInput("payer", _("请从列表里选"))
    ordered = AppraisalOrdered(command.question, command.laboratory, command.payer)
    return (ordered, start_clock("APPRAISAL", now, case.claim.rules_version))


def receive_appraisal(case: Case, command: ReceiveAppraisal, now: datetime) -> tuple[Event, ...]:
    """The report enters the file, and the decision is the officer's again."""
    if case.state != "APPRAISAL":
        raise Refused(_("本案现在没有在等检测鉴定"))
    check_numbers(case, (command.report,))
    check_filled("text", command.text, _("请写明鉴定结论"))
    received = AppraisalReceived(exhibit=command.report.number, text=command.text)
    clock = start_clock("OFFICER_DECIDE", now, case.claim.rules_version)
    return (command.report, received, clock)


def confirm_statutory(case: Case, command: ConfirmStatutory, now: datetime) -> tuple[Event, ...]:
    """Yes or no to what two thirds of the panel found; without a yes nothing of it is owed."""
    if not case.needs_confirmation:
        raise Refused(_("本案没有等专员确认的法定赔偿"))
    check_filled("text", command.text, _("请写明理由"))
    said = StatutoryConfirmed(confirmed=command.confirmed, text=command.text)
    return followed_by_end(case, (said, *_payout(case, said)), now)


def _payout(case: Case, said: StatutoryConfirmed) -> tuple[Event, ...]:
    """Before the ruling is carried out the order waits with it."""
    carried_out = bool(case.movements) or case.state == "REFUNDING"
    return payout_order(case, case.ruling, said) if carried_out and case.ruling else ()
