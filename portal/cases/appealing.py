"""The appeal's place in the course of a case, and the node that a course is made of."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from portal.cases.queries import CaseStory
from portal.cases.state import Case, Round
from portal.formats import moment as shown


@dataclass(frozen=True)
class Node:
    """See components/progress.html, `spine`. `state` is done, now, todo or bad."""

    t: str
    state: str
    when: str = ""
    note: str = ""
    href: str = ""
    action: str = ""


def panel_before_appeal(case: Case) -> Round:
    """The newest panel that is not an appeal's."""
    panels = (*case.earlier, case.round)
    return next(panel for panel in reversed(panels) if panel.kind != "APPEAL")


def appeal_node(story: CaseStory) -> Node:
    """Where the appeal stands, as the buyer reads it; asked once there is a ruling."""
    case = story.seen.case
    if case.state == "APPEAL_WINDOW":
        return _window(case)
    if case.appeal is None:
        return Node(_("没有人申请复核，结论生效"), "done")
    if case.state == "APPEALED":
        return _awaited(case)
    if case.ruling and case.ruling.basis == "APPEAL":
        return _heard(case)
    return _hearing(case)


def _window(case: Case) -> Node:
    when = _("最迟 %(time)s", time=shown(case.appeal_until))
    if not case.may_appeal("BUYER"):
        return Node(_("等申请复核的期限过去"), "now", when)
    page = url_for("appeals.appeal_page", case_no=case.claim.case_no)
    return Node(_("你可以申请复核，或者接受结论"), "now", when, "", page, _("申请复核"))


def _awaited(case: Case) -> Node:
    assert case.appeal is not None, "asked after the appeal was filed"
    when = _("最迟 %(time)s", time=shown(case.clock.due_at)) if case.clock else ""
    if case.appeal.filed.side == "BUYER":
        return Node(_("你申请了复核，等商家回应"), "now", when)
    page = url_for("appeals.answer_page", case_no=case.claim.case_no)
    return Node(_("商家申请了复核，等你回应"), "now", when, "", page, _("去回应"))


def _hearing(case: Case) -> Node:
    draw = url_for("draws.draw", case_no=case.claim.case_no)
    if case.state == "PANEL_DRAW":
        return Node(_("复核：正在抽选 15 位新的评审员"), "now")
    when = _("最迟 %(time)s", time=shown(case.clock.due_at)) if case.clock else ""
    votes = _("已投 %(voted)s / %(seats)s", voted=len(case.ballots), seats=len(case.seats))
    note = _("%(votes)s，开封前不显示结果", votes=votes)
    return Node(_("复核中"), "now", when, note, draw, _("抽选"))


def _heard(case: Case) -> Node:
    assert case.ruling is not None, "asked after the appeal was decided"
    told = {
        "UPHOLDS": _("复核维持了结论"),
        "CHANGES": _("复核更改了结论"),
        "VOIDS": _("复核撤销了原结论，另行作出结论"),
    }
    page = url_for("rulings.page", case_no=case.claim.case_no)
    text = told[case.ruling.appeal]
    return Node(text, "done", shown(case.ruled_at), "", page, _("查看结论"))
