"""The buyer's page of a case: what to do now, then everything that is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from portal.cases.gallery import Tile, tiles
from portal.cases.queries import CaseStory, SeenCase
from portal.cases.spine import Node, course
from portal.cases.state import Case
from portal.errors import sentence
from portal.events import Owed
from portal.formats import moment as shown
from portal.formats import yuan
from portal.rulings.outcome import standing_of, title_of
from portal.words import CLOCKS, CLOSURES, REMEDIES, STATES

TURNS = {"NEGOTIATION": "DECIDE", "AWAITING_RETURN": "SHIP"}
ADDING = ("AWAITING_RESPONDENT", "NEGOTIATION", "APPEALED")  # after a ruling the appeal's own page
LABELS = {
    **STATES,
    "NEGOTIATION": sentence("等你决定"),
    "AWAITING_RETURN": sentence("等你寄回"),
    "RETURNING": sentence("退货途中"),
}
WAITING = {
    "AWAITING_RESPONDENT": sentence("等商家答复。"),
    "PANEL_DRAW": sentence("正在抽选评审员，抽好后评审开始。"),
    "SEATING": sentence("抽中的评审员正在答复邀请，没有答复的由候补接替。"),
    "DELIBERATION": sentence("评审员正在看双方的材料。开封之前，谁也看不到投票的内容。"),
    "TALLY": sentence("投票已结束，正在开封计票。"),
    "OFFICER": sentence("评审没有得出结论，等专员写明理由作出结论。"),
    "APPRAISAL": sentence("专员委托了检测鉴定，报告出来后作出结论。"),
    "APPEAL_WINDOW": sentence("已有结论，现在还没有执行：商家可以在期限内申请复核。"),
    "APPEALED": sentence("你申请了复核，等商家回应，随后抽选新的评审员。"),
    "RETURNING": sentence("等商家验收退货。"),
    "REFUNDING": sentence("退款正在提交给支付机构，原路退回。"),
}
CONSEQUENCES = {
    "AWAITING_RESPONDENT": sentence("到时没有答复，就按现有记录支持你的诉求。"),
    "NEGOTIATION": sentence("到时没有选择，自动转入评审，你的诉求不变。"),
    "SEATING": CLOCKS["SEATING"],
    "DELIBERATION": CLOCKS["DELIBERATION"],
    "OFFICER": CLOCKS["OFFICER_DECIDE"],
    "APPRAISAL": CLOCKS["APPRAISAL"],
    "APPEAL_WINDOW": CLOCKS["APPEAL_WINDOW"],
    "APPEALED": CLOCKS["APPEAL_EVIDENCE"],
    "AWAITING_RETURN": sentence("到时没有填写单号，视为放弃退货退款。"),
    "RETURNING": sentence("到时没有异议，视为验收通过，自动退款。"),
}


@dataclass(frozen=True)
class OwedLine:
    """What was granted above the refund; nothing of it has been paid by this system."""

    label: str
    amount: str
    note: str


@dataclass(frozen=True)
class BuyerPage:
    """What templates/cases/buyer.html shows. `turn` is DECIDE, SHIP, APPEAL (or accept), ANSWER
    (an appeal), WAIT or DONE; `ruling` is the ruling's title."""

    seen: SeenCase
    now: datetime
    turn: str
    label: str
    waiting: str
    consequence: str
    since: str | None
    course: tuple[Node, ...]
    money: tuple[Node, ...]
    owed: tuple[OwedLine, ...]
    own: tuple[Tile, ...]
    theirs: tuple[Tile, ...]
    platform: tuple[Tile, ...]
    may_add: bool
    ruling: str
    index: int
    digest: str


def buyer_page(story: CaseStory, now: datetime) -> BuyerPage:
    case, seen = story.seen.case, story.seen
    return BuyerPage(
        seen=seen,
        now=now,
        turn=turn_of(case),
        label=label_of(case.state, case.closed.reason if case.closed else ""),
        waiting=WAITING.get(case.state, ""),
        consequence=CONSEQUENCES.get(case.state, ""),
        since=story.at(f"CLOCK_STARTED/{case.clock.clock}") if case.clock else None,
        course=course(story, now),
        money=_money(story),
        owed=_owed(case),
        own=tiles(seen, "BUYER"),
        theirs=tiles(seen, "MERCHANT"),
        platform=tiles(seen, "PLATFORM"),
        may_add=case.state in ADDING,
        ruling=title_of(case.ruling) if case.ruling else "",
        index=story.index,
        digest=story.digest,
    )


def turn_of(case: Case) -> str:
    """What the buyer is to do now."""
    if case.closed:
        return "DONE"
    if case.may_appeal("BUYER"):
        return "APPEAL"
    if case.state == "APPEALED" and case.appeal and case.appeal.filed.side == "MERCHANT":
        return "ANSWER"
    return TURNS.get(case.state, "WAIT")


def label_of(state: str, closed: str) -> str:
    """A state in the buyer's words, as a message id."""
    return CLOSURES[closed] if state == "CLOSED" and closed else LABELS[state]


def _money(story: CaseStory) -> tuple[Node, ...]:
    """The way of the refund: ordered, goods back, submitted to the provider, confirmed by it."""
    case = story.seen.case
    if case.order is None:
        return ()
    amount = yuan(case.order.amount_fen)
    ordered = Node(_("决定退款 %(amount)s", amount=amount), "done", shown(case.ruled_at))
    back = (_goods_back(story),) if case.order.return_first else ()
    return (ordered, *back, _submitted(story), _confirmed(story))


def _goods_back(story: CaseStory) -> Node:
    at = story.at("RETURN_RECEIVED")
    if at:
        return Node(_("退货已验收"), "done", shown(at))
    if story.seen.case.closed:
        return Node(_("没有在期限内寄回，退款不再进行"), "bad")
    return Node(_("退货并验收"), "now", note=_("验收后马上退款"))


def _submitted(story: CaseStory) -> Node:
    order = story.seen.case.order
    assert order is not None, "a refund without an order"
    number = _("退款单号 %(number)s", number=order.refund_no)
    at = story.at("REFUND_STATE/SUBMITTED")
    if at:
        return Node(_("已提交支付机构"), "done", shown(at), number)
    waiting = story.seen.case.state == "REFUNDING"
    return Node(_("提交支付机构"), "now" if waiting else "todo", note=number)


def _confirmed(story: CaseStory) -> Node:
    refund = story.seen.case.refund
    if refund is None or refund.state != "SUCCESS":
        return Node(_("支付机构确认"), "now" if refund else "todo")
    note = _("支付机构流水 %(ref)s", ref=refund.provider_ref)
    text = _("已退回 %(amount)s", amount=yuan(refund.amount_fen))
    return Node(text, "done", shown(refund.provider_at), note)


def _owed(case: Case) -> tuple[OwedLine, ...]:
    owed = case.ruling.owed if case.ruling else ()
    return tuple(_owed_line(each, standing_of(each, case.statutory)) for each in owed)


def _owed_line(owed: Owed, standing: str) -> OwedLine:
    notes = {
        "OWED": _("应付，尚未支付") if owed.amount_fen else _("由商家履行，尚未确认"),
        "AWAITING": _("需要专员确认后才生效"),
        "DENIED": _("专员没有确认，不再应付"),
    }
    amount = yuan(owed.amount_fen) if owed.amount_fen else ""
    return OwedLine(_(REMEDIES[owed.code]), amount, notes[standing])
