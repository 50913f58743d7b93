"""The course of a case as its buyer reads it: what was, what is, what comes and by when at latest.

A node that has not begun carries the date by which it must be over if every clock runs out in full.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.arrivals.rules import has_arrived
from portal.cases.appealing import Node, appeal_node, panel_before_appeal
from portal.cases.queries import CaseStory
from portal.cases.state import APPEALABLE, Case, Round
from portal.formats import carrier, span, yuan
from portal.formats import moment as shown
from portal.obligations.shown import cards
from portal.refunds.state import Movement
from portal.rulebook import VERSIONS
from portal.rulings.rail import title_of
from portal.times import moment
from portal.words import MOVEMENTS, OUTCOMES


def course(story: CaseStory, now: datetime) -> tuple[Node, ...]:
    """Every stage of the case, in order."""
    return tuple(_course(story, now))


def _course(story: CaseStory, now: datetime) -> Iterator[Node]:
    case = story.seen.case
    yield _filed(story)
    yield _answer(story)
    if case.offer:
        yield _talks(story)
    if case.ruling is None or panel_before_appeal(case).called:
        yield _review(story, now)
    if case.state in ("OFFICER", "APPRAISAL") or _basis(case) == "OFFICER":
        yield _officer(story)
    yield _ruling(story, now)
    if case.ruling and (case.appeal or case.ruling.basis in APPEALABLE):
        yield appeal_node(story)
    if case.order and case.order.return_first:
        yield _return(story)
    yield from _money(story)
    for card in cards(case):
        state = {"ok": "done", "bad": "bad"}.get(card.tone, "now")
        yield Node(card.label, state, note=card.standing, href=card.href, action=_("查看"))


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
    others = len(own) - photos - videos
    counts = (
        (photos, ngettext("%(num)d 张照片", "%(num)d 张照片", photos)),
        (videos, ngettext("%(num)d 段视频", "%(num)d 段视频", videos)),
        (others, ngettext("%(num)d 份文件", "%(num)d 份文件", others)),
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
    """The panel before an appeal, or how it comes to one."""
    case = story.seen.case
    panel = panel_before_appeal(case)
    if panel.voting_closed:
        closed = story.at("VOTING_CLOSED") if panel is case.round else None
        when = shown(closed) if closed else ""
        note, text = _votes(panel), _("评审结束，已开封")
        if case.state == "TALLY":
            return Node(_("投票结束，正在开封"), "now", when, note, _draw(case), _("抽选"))
        return Node(text, "done", when, note, _draw(case), _("抽选"))
    if panel.drawn:
        return _sitting(case, panel)
    if case.state == "PANEL_DRAW":
        return Node(_("正在抽选评审员"), "now", note=_redrawn(case))
    when = _("如果进入，最迟 %(time)s", time=shown(_latest_review(case, now)))
    return Node(_("评审（随机抽选的评审员）"), "todo", when)


def _sitting(case: Case, panel: Round) -> Node:
    when = _("最迟 %(time)s", time=shown(case.clock.due_at)) if case.clock else ""
    if case.state == "SEATING":
        there = sum(seat.state == "ACCEPTED" for seat in panel.seats)
        note = _("已就位 %(there)s / %(seats)s", there=there, seats=len(panel.seats))
        return Node(_("等评审员就位"), "now", when, note, _draw(case), _("抽选"))
    note = _("%(votes)s，开封前不显示结果", votes=_votes(panel))
    return Node(_("评审中"), "now", when, note, _draw(case), _("抽选"))


def _redrawn(case: Case) -> str:
    voided = sum(panel.voided is not None for panel in case.earlier)
    if not voided:
        return ""
    return ngettext(
        "前 %(num)d 次评审已作废，重新抽选", "前 %(num)d 次评审已作废，重新抽选", voided
    )


def _votes(panel: Round) -> str:
    return _("已投 %(voted)s / %(seats)s", voted=len(panel.ballots), seats=len(panel.seats))


def _draw(case: Case) -> str:
    return url_for("draws.draw", case_no=case.claim.case_no)


def _officer(story: CaseStory) -> Node:
    case = story.seen.case
    when = _("最迟 %(time)s", time=shown(case.clock.due_at)) if case.clock else ""
    if case.state == "APPRAISAL" and case.appraisal:
        return Node(_("检测鉴定中"), "now", when, case.appraisal.laboratory)
    if case.state == "OFFICER":
        return Node(_("等专员决定"), "now", when, _("评审没有得出结论"))
    return Node(_("专员写明理由，作出结论"), "done", note=_("评审没有得出结论"))


def _basis(case: Case) -> str:
    """Who made the ruling before an appeal."""
    ruling = panel_before_appeal(case).ruling or case.ruling
    return ruling.basis if ruling else ""


def _ruling(story: CaseStory, now: datetime) -> Node:
    case = story.seen.case
    if case.ruling is None:
        waiting = case.state in ("TALLY", "OFFICER", "APPRAISAL")
        when = _("最迟 %(time)s", time=shown(_latest_review(case, now)))
        return Node(_("处理结论"), "todo", "" if waiting else when)
    page = url_for("rulings.page", case_no=case.claim.case_no)
    panel = panel_before_appeal(case)
    first, at = (panel.ruling or case.ruling), (panel.ruled_at or case.ruled_at)
    return Node(_(OUTCOMES[first.outcome]), "done", shown(at), "", page, _("查看结论"))


def _return(story: CaseStory) -> Node:
    case = story.seen.case
    received = story.at("RETURN_RECEIVED")
    page = url_for("returns.page", case_no=case.claim.case_no)
    if received and case.received:
        texts = {"CLOCK": _("验收期满，视为通过"), "OFFICER": _("退货由专员作出决定")}
        text = texts.get(case.received.confirmed_by, _("商家已收到退货"))
        return Node(text, "done", shown(received), "", page, _("查看退货"))
    if case.dispute and case.dispute.judged:
        at = shown(case.dispute.judged_at)
        return Node(_("专员决定不退款"), "bad", at, "", page, _("查看退货"))
    if case.dispute:
        due = _("最迟 %(time)s", time=shown(case.clock.due_at)) if case.clock else ""
        return Node(_("商家对退货有异议"), "now", due, "", page, _("查看退货"))
    shipped = story.at("RETURN_SHIPPED")
    if shipped and case.shipped:
        note = f"{carrier(case.shipped.carrier)} {case.shipped.waybill}"
        return Node(_("退货途中，等商家验收"), "now", shown(shipped), note)
    if case.closed:
        return Node(_("没有在期限内寄回"), "bad", shown(story.times["CASE_CLOSED"]))
    due = case.clock.due_at if case.clock else case.ruled_at
    return Node(_("等你寄回"), "now", _("最迟 %(time)s", time=shown(due)))


def _money(story: CaseStory) -> Iterator[Node]:
    """One node for each movement; before a ruling, that there may be one."""
    case = story.seen.case
    if case.ruling is None:
        yield Node(_("退款到账"), "todo")
    for movement in case.movements:
        yield _movement(case, movement)


def _movement(case: Case, movement: Movement) -> Node:
    title, paid = title_of(movement), movement.success
    if has_arrived(movement):
        return Node(_("已到账：%(what)s", what=title), "done", shown(movement.states[-1][1]))
    if paid:
        at = shown(paid.provider_at or movement.states[-1][1])
        note = _("到账日见款项") if paid.promise else ""
        return Node(
            _("支付机构已付款：%(what)s", what=title), "done", at, note, "#money", _("查看款项")
        )
    if movement.state == "CANCELLED" or case.closed:
        return Node(_("没有付款：%(what)s", what=title), "todo")
    waiting = "todo" if movement.waiting else "now"
    return Node(
        title, waiting, note=_(MOVEMENTS[movement.state]), href="#money", action=_("查看款项")
    )


def _latest_review(case: Case, now: datetime) -> datetime:
    """When the review is over if everybody takes all the time there is."""
    judge = _limit(case, "SEATING") + _limit(case, "DELIBERATION", case.track)
    due = moment(case.clock.due_at) if case.clock else now
    if case.state == "AWAITING_RESPONDENT":
        return due + _limit(case, "BUYER_DECIDE") + judge
    if case.state == "SEATING":
        return due + _limit(case, "DELIBERATION", case.track)
    return due if case.drawn else due + judge


def _limit(case: Case, clock: str, track: str = "") -> timedelta:
    lengths = VERSIONS[case.claim.rules_version].clocks
    return lengths.get(f"{clock}/{track}", lengths[clock])


def _took(start: str, end: str, limit: timedelta) -> str:
    taken = int((moment(end) - moment(start)).total_seconds() // 60)
    most = int(limit.total_seconds() // 60)
    return _("用时 %(taken)s（限 %(most)s）", taken=span(taken), most=span(most))
