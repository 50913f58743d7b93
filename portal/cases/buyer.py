"""The buyer's page of a case: what to do now, then everything that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from portal.cases.gallery import Tile, tiles
from portal.cases.queries import CaseStory, SeenCase
from portal.cases.spine import Node, course
from portal.cases.state import Case
from portal.errors import sentence
from portal.events import Owed
from portal.formats import yuan
from portal.obligations.shown import Card, cards
from portal.returns.freight import GROUNDS, freight_of
from portal.rulings.outcome import standing_in, title_of
from portal.rulings.rail import Rail, rails_of
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
    "RETURN_DISPUTED": sentence("商家对退回的商品有异议，等专员写明理由作出决定。"),
    "FULFILLING": sentence("等商家或者平台履行，见“要履行的”。"),
    "REFUNDING": sentence("钱还没有付完，走到哪一步见下面的“款项”。"),
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
    "RETURN_DISPUTED": CLOCKS["RETURN_JUDGE"],
}


@dataclass(frozen=True)
class OwedLine:
    """What was granted above the refund, and whether it has been paid."""

    label: str
    amount: str
    note: str


@dataclass(frozen=True)
class BuyerPage:
    """What templates/cases/buyer.html shows. `turn` is DECIDE, SHIP, RETURN (answer the objection
    to it), CONFIRM (what was fulfilled), APPEAL (or accept), ANSWER (an appeal), WAIT or DONE;
    `ruling` is the ruling's title."""

    seen: SeenCase
    now: datetime
    turn: str
    label: str
    waiting: str
    consequence: str
    since: str | None
    course: tuple[Node, ...]
    money: tuple[Rail, ...]
    owed: tuple[OwedLine, ...]
    obligations: tuple[Card, ...]
    freight: str  # who bears the way back, as a message id; empty when nothing is to be sent
    freight_refunded: bool
    own: tuple[Tile, ...]
    theirs: tuple[Tile, ...]
    platform: tuple[Tile, ...]
    may_add: bool
    ruling: str
    index: int
    digest: str


def buyer_page(story: CaseStory, now: datetime, blocked: Mapping[str, str]) -> BuyerPage:
    """`blocked`: what movements wait for when that is not time alone, as rails_of takes it."""
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
        money=rails_of(case, now, blocked),
        owed=_owed(case),
        obligations=cards(case),
        **_freight(case),
        own=tiles(seen, "BUYER"),
        theirs=tiles(seen, "MERCHANT"),
        platform=tiles(seen, "PLATFORM"),
        may_add=case.state in ADDING,
        ruling=title_of(case.ruling) if case.ruling else "",
        index=story.index,
        digest=story.digest,
    )


def _freight(case: Case) -> dict[str, Any]:
    if case.state != "AWAITING_RETURN":
        return {"freight": "", "freight_refunded": False}
    freight = freight_of(case)
    return {"freight": GROUNDS[freight.ground], "freight_refunded": freight.others_bp > 0}


def turn_of(case: Case) -> str:
    """What the buyer is to do now."""
    if case.closed:
        return "DONE"
    if case.may_appeal("BUYER"):
        return "APPEAL"
    if case.state == "APPEALED" and case.appeal and case.appeal.filed.side == "MERCHANT":
        return "ANSWER"
    if case.state == "RETURN_DISPUTED" and case.turn == "BUYER":
        return "RETURN"
    if case.state in ("REFUNDING", "FULFILLING") and case.turn in ("BUYER", "BOTH"):
        return "CONFIRM"
    return TURNS.get(case.state, "WAIT")


def label_of(state: str, closed: str) -> str:
    """A state in the buyer's words, as a message id."""
    return CLOSURES[closed] if state == "CLOSED" and closed else LABELS[state]


def _owed(case: Case) -> tuple[OwedLine, ...]:
    """What is owed in kind is listed apart, with its own deadlines."""
    owed = [each for each in case.ruling.owed if not _in_kind(case, each)] if case.ruling else []
    return tuple(_owed_line(each, standing_in(case, each)) for each in owed)


def _in_kind(case: Case, owed: Owed) -> bool:
    return any(obligation.code == owed.code for obligation in case.obligations)


def _owed_line(owed: Owed, standing: str) -> OwedLine:
    notes = {
        "OWED": _("应付，尚未支付") if owed.amount_fen else _("由商家履行，尚未确认"),
        "PAID": _("已付，见上面的赔付"),
        "AWAITING": _("需要专员确认后才生效"),
        "DENIED": _("专员没有确认，不再应付"),
    }
    amount = yuan(owed.amount_fen) if owed.amount_fen else ""
    return OwedLine(_(REMEDIES[owed.code]), amount, notes[standing])
