"""The course of a case as its buyer reads it: what was, what is, what comes and by when at latest.

A node that has not begun carries the date by which it must be over if every clock runs out in full.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.cases.queries import CaseStory
from portal.cases.state import Case
from portal.formats import moment as shown
from portal.formats import span, yuan
from portal.rulebook import VERSIONS
from portal.times import moment
from portal.words import OUTCOMES


@dataclass(frozen=True)
class Node:
    """See components/progress.html, `spine`. `state` is done, now, todo or bad."""

    t: str
    state: str
    when: str = ""
    note: str = ""
    href: str = ""
    action: str = ""


def course(story: CaseStory, now: datetime) -> tuple[Node, ...]:
    """Every stage of the case, in order."""
    return tuple(_course(story, now))


def _course(story: CaseStory, now: datetime) -> Iterator[Node]:
    case = story.seen.case
    yield _filed(story)
    yield _answer(story)
    if case.offer:
        yield _talks(story)
    if case.ruling is None or case.ruling.basis == "PANEL":
        yield _review(story, now)
    yield _ruling(story, now)
    if case.order and case.order.return_first:
        yield _return(story)
    if case.ruling is None or case.order:
        yield _refund(story)


def _filed(story: CaseStory) -> Node:
    return Node(
        t=_("你提交了投诉"),
        state="done",
        when=shown(story.seen.case.filed_at),
        note=_handed_in(story.seen.case),
        href="#evidence",
        action=_("查看凭证"),
    )


def _handed_in(case: Case) -> str:
    own = [x.file.media_type for x in case.exhibits if x.side == "BUYER"]
    photos = sum(kind.startswith("image/") for kind in own)
    videos = sum(kind.startswith("video/") for kind in own)
    counts = (
        (photos, ngettext("%(num)d 张照片", "%(num)d 张照片", photos)),
        (videos, ngettext("%(num)d 段视频", "%(num)d 段视频", videos)),
        (len(own) - photos - videos, _("%(n)s 份文件", n=len(own) - photos - videos)),
        (len(case.claim.promises), _("%(n)s 处回放引用", n=len(case.claim.promises))),
    )
    return _("，").join(text for count, text in counts if count)


def _answer(story: CaseStory) -> Node:
    case = story.seen.case
    at = story.at("RESPONSE_FILED")
    if at:
        took = _took(case.filed_at, at, _limit(case, "MERCHANT_RESPOND"))
        return Node(_("商家已答复"), "done", shown(at), took, "#answer", _("查看答复"))
    expired = story.at("CLOCK_EXPIRED/MERCHANT_RESPOND")
    if expired:
        return Node(_("商家没有在期限内答复"), "bad", shown(expired))
    due = case.clock.due_at if case.clock else case.filed_at
    return Node(_("等商家答复"), "now", _("最迟 %(time)s", time=shown(due)))


def _talks(story: CaseStory) -> Node:
    case = story.seen.case
    assert case.offer is not None, "talks without an offer"
    offered = case.offer.remedy.amount_fen
    price = _("商家出价 %(amount)s", amount=yuan(offered)) if offered else ""
    if case.state == "NEGOTIATION":
        return Node(_("协商中：等你决定"), "now", note=price)
    if story.at("SETTLEMENT_REACHED"):
        return Node(_("你接受了方案"), "done", shown(story.times["SETTLEMENT_REACHED"]), price)
    if story.at("OFFER_DECLINED"):
        return Node(_("你没有接受方案"), "done", shown(story.times["OFFER_DECLINED"]), price)
    expired = story.at("CLOCK_EXPIRED/BUYER_DECIDE") or case.filed_at
    return Node(_("协商到期，没有选择"), "done", shown(expired), price)


def _review(story: CaseStory, now: datetime) -> Node:
    case = story.seen.case
    closed = story.at("VOTING_CLOSED")
    if closed:
        return Node(
            _("评审结束，已开封"), "done", shown(closed), _votes(case), _draw(case), _("抽选")
        )
    if case.drawn:
        note = _("%(votes)s，开封前不显示结果", votes=_votes(case))
        due = case.clock.due_at if case.clock else now
        when = _("最迟 %(time)s", time=shown(due))
        return Node(_("评审中"), "now", when, note, _draw(case), _("抽选"))
    if case.state == "PANEL_DRAW":
        return Node(_("正在抽选评审员"), "now")
    when = _("如果进入，最迟 %(time)s", time=shown(_latest_review(case, now)))
    return Node(_("评审（随机抽选的评审员）"), "todo", when)


def _votes(case: Case) -> str:
    seats = len(case.drawn.seats) if case.drawn else 0
    return _("已投 %(voted)s / %(seats)s", voted=len(case.ballots), seats=seats)


def _draw(case: Case) -> str:
    return url_for("panels.draw", case_no=case.claim.case_no)


def _ruling(story: CaseStory, now: datetime) -> Node:
    case = story.seen.case
    if case.ruling is None:
        state = "now" if case.state == "TALLY" else "todo"
        when = _("最迟 %(time)s", time=shown(_latest_review(case, now)))
        return Node(_("处理结论"), state, when if state == "todo" else "")
    page = url_for("rulings.page", case_no=case.claim.case_no)
    outcome = _(OUTCOMES[case.ruling.outcome])
    return Node(outcome, "done", shown(case.ruled_at), "", page, _("查看结论"))


def _return(story: CaseStory) -> Node:
    case = story.seen.case
    received = story.at("RETURN_RECEIVED")
    if received:
        by_clock = case.received is not None and case.received.confirmed_by == "CLOCK"
        text = _("验收期满，视为通过") if by_clock else _("商家已收到退货")
        return Node(text, "done", shown(received))
    shipped = story.at("RETURN_SHIPPED")
    if shipped and case.shipped:
        note = f"{case.shipped.carrier} {case.shipped.waybill}"
        return Node(_("退货途中，等商家验收"), "now", shown(shipped), note)
    if case.closed:
        return Node(_("没有在期限内寄回"), "bad", shown(story.times["CASE_CLOSED"]))
    due = case.clock.due_at if case.clock else case.ruled_at
    return Node(_("等你寄回"), "now", _("最迟 %(time)s", time=shown(due)))


def _refund(story: CaseStory) -> Node:
    case = story.seen.case
    paid = story.at("REFUND_STATE/SUCCESS")
    if paid and case.refund:
        return Node(
            _("已退款 %(amount)s", amount=yuan(case.refund.amount_fen)), "done", shown(paid)
        )
    if case.closed:
        return Node(_("没有退款"), "todo")
    return Node(_("退款到账"), "now" if case.state == "REFUNDING" else "todo")


def _latest_review(case: Case, now: datetime) -> datetime:
    """When the review is over if everybody takes all the time there is."""
    decide, judge = _limit(case, "BUYER_DECIDE"), _limit(case, "DELIBERATION")
    due = moment(case.clock.due_at) if case.clock else now
    if case.state == "AWAITING_RESPONDENT":
        return due + decide + judge
    return due if case.drawn else due + judge


def _limit(case: Case, clock: str) -> timedelta:
    return VERSIONS[case.claim.rules_version].clocks[clock]


def _took(start: str, end: str, limit: timedelta) -> str:
    taken = int((moment(end) - moment(start)).total_seconds() // 60)
    most = int(limit.total_seconds() // 60)
    return _("用时 %(taken)s（限 %(most)s）", taken=span(taken), most=span(most))
