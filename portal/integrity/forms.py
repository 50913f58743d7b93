"""What reporters, the one reported and the operator fill in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from portal.errors import sentence
from portal.forms import WishForm, options
from portal.integrity.commands import AnswerReport, DecideReport
from portal.integrity.desk import Report
from portal.integrity.rules import MOST_TEXT
from portal.integrity.words import ACTIONS, FINDINGS, FLAGS, PARTIES

REVIEWER = "REVIEWER"


class ReportForm(WishForm):
    flag = RadioField(_("发生了什么"), validate_choice=False)
    who = SelectField(_("和谁有关"), validate_choice=False)
    reviewer_id = StringField(_("评审员代号"), [Length(max=64)])
    case_no = StringField(_("案件编号"), [Length(max=40)])
    text = TextAreaField(_("经过"), [Length(max=MOST_TEXT)])

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.flag.choices = options(FLAGS)
        who = PARTIES | {REVIEWER: sentence("一位评审员")}
        self.who.choices = options(who, sentence("不知道，或者不止一人"))

    def as_report(self, sender: str) -> Report:
        named = self.reviewer_id.data or ""
        about = {REVIEWER: named, "BUYER": "BUYER", "MERCHANT": "MERCHANT"}
        return Report(
            flag=self.flag.data or "",
            about=about.get(self.who.data or "", ""),
            case_no=self.case_no.data or "",
            text=self.text.data or "",
            sender=sender,
        )


class AnswerForm(WishForm):
    text = TextAreaField(_("你的说明"), [Length(max=MOST_TEXT)])

    def as_wish(self, report_no: str) -> AnswerReport:
        return AnswerReport(report_no, self.text.data or "")


class DecideForm(WishForm):
    finding = RadioField(_("举报是否成立"), validate_choice=False)
    action = RadioField(_("怎么处理"), validate_choice=False, default="NONE")
    text = TextAreaField(_("理由"), [Length(max=MOST_TEXT)])

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.finding.choices = options(FINDINGS)
        self.action.choices = options(ACTIONS)

    def as_wish(self, report_no: str) -> DecideReport:
        return DecideReport(
            report_no, self.finding.data or "", self.action.data or "", self.text.data or ""
        )
