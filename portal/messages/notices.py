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


def seats(case: Case) -> list[str]:
    return [f"reviewer:{seat.reviewer_id}" for seat in (case.drawn.seats if case.drawn else ())]


NOTICES: dict[type[e.Event], tuple[tuple[Callable[[Case], list[str]], str], ...]] = {
    e.CaseFiled: ((merchant, _("有新的投诉等你答复")),),
    e.ResponseFiled: ((buyer, _("商家已答复")),),
    e.OfferSealed: ((buyer, _("商家提出了方案，等你决定")),),
    e.OfferDeclined: ((merchant, _("买家没有接受方案，已转入评审")),),
    e.PanelDrawn: (
        (both, _("评审员已抽出，评审开始")),
        (seats, _("你被抽中参与一件评审")),
    ),
    e.RulingIssued: ((both, _("已有处理结论")),),
    e.ReturnShipped: ((merchant, _("买家已寄回商品，等你验收")),),
    e.ReturnReceived: ((buyer, _("商家已收到退货，正在退款")),),
    e.CaseClosed: ((both, _("本案已结束")),),
}


def post_notices(session: Session, happened: Happened, case: Case) -> None:
    """One row per recipient; the entry's number keeps a second posting out."""
    for whom, text in NOTICES.get(type(happened.event), ()):
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
