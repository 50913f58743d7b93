"""Who hears what: one line per event, posted in the projecting transaction, once."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from portal import events as e
from portal.cases.state import Case
from portal.errors import sentence as _
from portal.messages.tables import MessageRow
from portal.monitors.kinds import KINDS
from portal.projection import Happened
from portal.times import moment


def buyer(case: Case) -> list[str]:
    return [f"buyer:{case.claim.buyer_ref}"]


def merchant(case: Case) -> list[str]:
    return [f"shop:{case.claim.shop_id}"]


def both(case: Case) -> list[str]:
    return buyer(case) + merchant(case)


def appellant(case: Case) -> list[str]:
    return _side(case, mine=True)


def respondent(case: Case) -> list[str]:
    return _side(case, mine=False)


def _side(case: Case, mine: bool) -> list[str]:
    if case.appeal is None:
        return []
    return buyer(case) if (case.appeal.filed.side == "BUYER") == mine else merchant(case)


def operator(case: Case) -> list[str]:
    return ["office:OPERATOR"]


def offices(case: Case) -> list[str]:
    return ["office:OPERATOR", "office:ASSOCIATION"]


def seats(case: Case) -> list[str]:
    return [f"reviewer:{seat.reviewer_id}" for seat in case.seats if seat.reviewer_id]


def voters(case: Case) -> list[str]:
    """Who sits and has not voted."""
    waiting = (s for s in case.seats if s.state == "ACCEPTED" and not case.has_voted(s.number))
    return [f"reviewer:{seat.reviewer_id}" for seat in waiting]


Notices = tuple[tuple[Callable[[Case], list[str]], str], ...]

NOTICES: dict[type[e.Event], Notices] = {
    e.CaseFiled: ((merchant, _("有新的投诉等你答复")),),
    e.ResponseFiled: ((buyer, _("商家已答复")),),
    e.OfferSealed: ((buyer, _("商家提出了方案，等你决定")),),
    e.OfferDeclined: ((merchant, _("买家没有接受方案，已转入评审")),),
    e.PanelDrawn: (
        (both, _("评审员已抽出，等他们就位")),
        (seats, _("你被抽中参与一件评审，等你答复邀请")),
    ),
    e.OpeningDelayed: (
        (both, _("投票已结束，正在等保管人开封；票都在，没有丢")),
        (seats, _("投票已结束，正在等保管人开封；你的票还在")),
        (offices, _("保管人没有答复，有案件开不了封")),
    ),
    e.TrusteeFailed: ((offices, _("一位保管人没有按规定开封，已写入存证")),),
    e.VoidProposed: ((offices, _("运营方提议作废一轮评审，等消费者协会同意")),),
    e.PanelVoided: ((both, _("这一轮评审已作废，正在重新抽选评审员")),),
    e.RulingIssued: ((both, _("已有处理结论")),),
    e.RulingAccepted: ((both, _("一方接受了结论")),),
    e.AppealFiled: (
        (appellant, _("你的复核申请已记录")),
        (respondent, _("对方申请了复核，等你回应")),
    ),
    e.AppealAnswered: ((both, _("对方已回应，正在抽选复核的评审员")),),
    e.AppraisalOrdered: ((both, _("专员委托了检测鉴定")),),
    e.AppraisalReceived: ((both, _("检测鉴定报告已到，等专员决定")),),
    e.StatutoryConfirmed: ((both, _("专员对法定赔偿作出了决定")),),
    e.ReturnShipped: ((merchant, _("买家已寄回商品，等你验收")),),
    e.ReturnReceived: ((buyer, _("商家已收到退货，正在退款")),),
    e.ReturnContested: ((buyer, _("商家对退回的商品有异议，等你回应")),),
    e.ReturnAnswered: ((merchant, _("买家回应了你对退货的异议，等专员决定")),),
    e.CarrierAsked: ((both, _("专员在问快递公司，收到说明后决定")),),
    e.ReturnJudged: ((both, _("专员对退货作出了决定")),),
    e.ArrivalQuestioned: (
        (operator, _("买家没有收到一笔款，请向支付机构核实")),
        (merchant, _("买家说没有收到一笔款，运营正在核实")),
    ),
    e.CaseClosed: ((both, _("本案已结束")),),
}


# A clock is one kind of event for many things; these are told by which clock it is.
CLOCK_NOTICES: dict[tuple[type[e.Event], str], Notices] = {
    (e.ClockStarted, "DELIBERATION"): (
        (both, _("评审员已就位，投票开始计时")),
        (voters, _("评审员已就位，等你投票")),
    ),
    (e.ClockStarted, "OFFICER_DECIDE"): (
        (both, _("等专员决定")),
        (operator, _("有案件等专员决定")),
    ),
    (e.ClockStarted, "CONFIRM_STATUTORY"): ((operator, _("有法定赔偿等专员确认")),),
    (e.ClockExpired, "CONFIRM_STATUTORY"): ((offices, _("专员没有在期限内确认法定赔偿")),),
    (e.ClockExpired, "OFFICER_DECIDE"): ((offices, _("专员没有在期限内决定，已重新计时")),),
    (e.ClockStarted, "RETURN_JUDGE"): ((operator, _("有退货异议等专员决定")),),
    (e.ClockExpired, "RETURN_JUDGE"): ((offices, _("专员没有在期限内决定退货异议，已重新计时")),),
    (e.ClockExpired, "APPRAISAL"): ((offices, _("检测鉴定逾期没有结果，等专员决定")),),
    (e.ClockExpired, "APPEAL_WINDOW"): ((both, _("没有人申请复核，结论生效")),),
    (e.ClockExpired, "APPEAL_EVIDENCE"): ((both, _("回应期限已过，正在抽选复核的评审员")),),
}


# What only the reviewer hears whom the event names, by how they left.
LEFT = {
    "SILENT": _("你没有在期限内答复邀请，席位由候补接替"),
    "REMOVED": _("你已被移出一件评审"),
}
STEPS_IN = _("你作为候补接替一件评审，等你答复邀请")


def _to_reviewer(event: e.Event) -> Notices:
    if isinstance(event, e.SeatFilled):
        return ((lambda case: [f"reviewer:{event.reviewer_id}"], STEPS_IN),)
    if isinstance(event, e.Recusal) and event.why in LEFT:
        return ((lambda case: [f"reviewer:{event.reviewer_id}"], LEFT[event.why]),)
    return ()


# An obligation moves by one kind of event; these are told by where it came to.
OBLIGATION_NOTICES: dict[str, Notices] = {
    "SHIPPED": ((buyer, _("商家已寄出，收到后请确认")),),
    "DELIVERED": ((buyer, _("快递已送达，请确认或者提出异议")),),
    "DONE": ((buyer, _("有一项已履行，请确认或者提出异议")),),
    "DISPUTED": (
        (merchant, _("买家对履行有异议，等专员决定")),
        (operator, _("有履行争议等专员决定")),
    ),
    "OVERDUE": (
        (both, _("有一项逾期没有履行，等专员定价")),
        (operator, _("有逾期没有履行的，等专员定价")),
    ),
    "MET": ((both, _("有一项已履行")),),
    "FAILED": ((both, _("有一项没有履行，结果见案件")), (offices, _("有一项没有履行"))),
}


# What a movement of money has come to; that it goes on by itself is not worth a message.
MONEY_NOTICES: dict[str, Notices] = {
    "SUBMITTED": ((buyer, _("付款已提交给支付机构，走到哪一步见案件")),),
    "SUCCESS": ((both, _("支付机构已付款，承诺的到账日见案件")),),
    "ARRIVED": ((both, _("款项已记为到账")),),
    "ABNORMAL": ((buyer, _("原来的账户收不了款，运营会换一条路付给你")),),
    "REFUSED": ((buyer, _("支付机构没有付成，运营会换一条路付给你")),),
    "REVERSED": ((both, _("支付机构撤回了付款，正在重新处理")),),
    "CANCELLED": ((both, _("有一笔款不再付，原因见案件")),),
}
LATE = _("有一笔款比平时慢，已升级处理，消费者协会也看得到")


def _about_money(event: e.RefundState, happened: Happened, case: Case) -> Notices:
    """Of several calls for one payment only the first is told."""
    movement = case.movement(event.refund_no)
    calls = [at for s, at in movement.states if s.state == "SUBMITTED"] if movement else []
    if event.state == "SUBMITTED" and calls[:1] != [happened.at]:
        return ()
    return MONEY_NOTICES.get(event.state, ())


def owes(debtor: str) -> Callable[[Case], list[str]]:
    """Whoever owes it; the platform hears it by webhook."""
    return merchant if debtor == "MERCHANT" else operator


def _notices_for(happened: Happened, case: Case) -> Notices:
    event = happened.event
    if isinstance(event, e.RefundState):
        return _about_money(event, happened, case)
    if isinstance(event, e.ItemEscalated) and KINDS[event.kind].buyer_waits:
        return ((buyer, LATE),)
    if isinstance(event, e.ObligationOrdered):
        return ((owes(event.debtor), _("有一项等你履行")), (buyer, _("有一项等对方履行")))
    if isinstance(event, e.ObligationState):
        return OBLIGATION_NOTICES[event.state]
    if isinstance(event, e.ClockStarted | e.ClockExpired):
        return CLOCK_NOTICES.get((type(event), event.clock), ())
    return NOTICES.get(type(event), _to_reviewer(event))


def post_notices(session: Session, happened: Happened, case: Case) -> None:
    """One row per recipient; the entry's number keeps a second posting out."""
    for whom, text in _notices_for(happened, case):
        for recipient in whom(case):
            session.add(
                MessageRow(
                    entry_index=happened.index,
                    recipient=recipient,
                    case_no=case.claim.case_no,
                    text=text,
                    posted_at=moment(happened.at),
                )
            )
