"""Who hears what: one line per event, posted in the projecting transaction, once."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from portal import events as e
from portal.cases.state import Case
from portal.errors import sentence as _
from portal.messages.tables import MessageRow
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


NOTICES: dict[type[e.Event], tuple[tuple[Callable[[Case], list[str]], str], ...]] = {
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
    e.CaseClosed: ((both, _("本案已结束")),),
}


# A clock is one kind of event for many things; these are told by which clock it is.
CLOCK_NOTICES: dict[
    tuple[type[e.Event], str], tuple[tuple[Callable[[Case], list[str]], str], ...]
] = {
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


def _to_reviewer(event: e.Event) -> tuple[tuple[Callable[[Case], list[str]], str], ...]:
    if isinstance(event, e.SeatFilled):
        return ((lambda case: [f"reviewer:{event.reviewer_id}"], STEPS_IN),)
    if isinstance(event, e.Recusal) and event.why in LEFT:
        return ((lambda case: [f"reviewer:{event.reviewer_id}"], LEFT[event.why]),)
    return ()


def _notices_for(event: e.Event) -> tuple[tuple[Callable[[Case], list[str]], str], ...]:
    if isinstance(event, e.ClockStarted | e.ClockExpired):
        return CLOCK_NOTICES.get((type(event), event.clock), ())
    return NOTICES.get(type(event), _to_reviewer(event))


def post_notices(session: Session, happened: Happened, case: Case) -> None:
    """One row per recipient; the entry's number keeps a second posting out."""
    for whom, text in _notices_for(happened.event):
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
