"""The officer's forms. What is typed in yuan and percent is kept in fen and basis points."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import (
    FieldList,
    FileField,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice

from portal.amounts import read_yuan
from portal.cases.state import Case
from portal.errors import BadInput, sentence
from portal.events import Reason
from portal.formats import exhibit_label, time_of_day
from portal.forms import WishForm, options
from portal.officers.commands import ConfirmStatutory, DecideCase, OrderAppraisal
from portal.officers.desk import Report
from portal.officers.rules import PAYERS
from portal.panels.forms import GRANTED, read_moments
from portal.rulebook import VERSIONS
from portal.words import CHOICES, EVIDENCE, LIABLE, REMEDIES, SIDES
from reviewers.parties import PARTIES

DECISIONS = ("SUPPORT_CLAIMANT", "PARTIAL", "SUPPORT_RESPONDENT")
OFFICERS_CLAUSE = 11


class ShareForm(Form):
    """Who bears how much of the liability, in percent."""

    party = HiddenField()
    percent = StringField()

    @property
    def label(self) -> str:
        return gettext(LIABLE.get(self.party.data or "", ""))


class DecisionForm(WishForm):
    choice = RadioField(
        _("你的决定"),
        choices=options({code: CHOICES[code] for code in DECISIONS}),
        validate_choice=False,
    )
    remedy = SelectField(
        _("怎么处理"),
        choices=options({c: REMEDIES[c] for c in (*GRANTED, "CONTRACT_PENALTY", "COMPENSATE")}),
        validate_choice=False,
    )
    refund_fen = StringField(_("退款金额（元）"))
    compensation_fen = StringField(_("赔付金额（元）"))
    text = TextAreaField(_("理由"))
    citations = SelectMultipleField(_("引用"), validate_choice=False)
    moments = StringField(_("回放的其他时刻"))
    clause = SelectField(_("依据的规则"), coerce=int, validate_choice=False)
    liability = FieldList(FormField(ShareForm))

    def as_wish(self, case_no: str) -> DecideCase:
        """What was filled in. Raises BadInput for an amount or a share that cannot be read."""
        partial = self.choice.data == "PARTIAL"
        cited = (*(self.citations.data or ()), *read_moments(self.moments.data))
        return DecideCase(
            case_no,
            choice=self.choice.data or "",
            reasons=(Reason((self.text.data or "").strip(), cited),),
            clause=self.clause.data or 0,
            remedy=(self.remedy.data or "") if partial else "",
            refund_fen=_fen(self.refund_fen) if partial else 0,
            compensation_fen=_fen(self.compensation_fen) if partial else 0,
            liability=dict(self._shares()),
        )

    def _shares(self) -> Iterator[tuple[str, int]]:
        for entry in self.liability:
            share = _basis_points(entry.form.percent.data)
            if share:
                yield entry.form.party.data or "", share


def _fen(field: StringField) -> int:
    return read_yuan(field.data, field.short_name) or 0


def _basis_points(text: str | None) -> int:
    """``33.5`` -> 3350: percent with at most two decimals has the shape of yuan and fen."""
    typed = (text or "").replace("%", "").replace("％", "").strip()
    try:
        return read_yuan(typed, "liability") or 0
    except BadInput:
        raise BadInput("liability", sentence("责任比例请写百分数，例如 70")) from None


def decision_form(case: Case) -> DecisionForm:
    """The form with this case's exhibits, promised moments and rules."""
    form = DecisionForm(liability=[{"party": party} for party in PARTIES])
    rules = VERSIONS[case.claim.rules_version]
    form.clause.choices = [SelectChoice(c.number, _clause(c.number, c.text)) for c in rules.clauses]
    if not form.is_submitted():
        form.clause.data = OFFICERS_CLAUSE
    form.citations.choices = [*_moments(case), *exhibit_choices(case)]
    return form


def _clause(number: int, text: str) -> str:
    spoken = gettext(text)
    short = spoken if len(spoken) <= 40 else f"{spoken[:40]}…"
    return gettext("第 %(n)s 条 %(text)s", n=number, text=short)


def _moments(case: Case) -> list[SelectChoice]:
    return [
        SelectChoice(f"{p.start_ms / 1000:.3f}", f"{time_of_day(p.at)} “{p.text}”")
        for p in (case.claim.promises if case.claim.replay_ms else ())
    ]


def exhibit_choices(case: Case) -> list[SelectChoice]:
    return [
        SelectChoice(x.number, f"{exhibit_label(x.number)} {gettext(EVIDENCE.get(x.kind, x.kind))}")
        for x in case.exhibits
    ]


class AppraisalForm(WishForm):
    question = TextAreaField(_("要鉴定什么"))
    laboratory = StringField(_("由哪家机构鉴定"))
    payer = SelectField(
        _("谁先垫付费用"),
        choices=options({side: SIDES[side] for side in PAYERS}),
        validate_choice=False,
    )

    def as_wish(self, case_no: str) -> OrderAppraisal:
        return OrderAppraisal(
            case_no,
            (self.question.data or "").strip(),
            (self.laboratory.data or "").strip(),
            self.payer.data or "",
        )


class ReportForm(WishForm):
    file = FileField(_("鉴定报告"))
    kind = SelectField(
        _("是哪一种"),
        choices=options({kind: EVIDENCE[kind] for kind in ("LAB_REPORT", "AUTH_REPORT")}),
        validate_choice=False,
    )
    text = TextAreaField(_("鉴定结论"))

    def as_report(self) -> Report:
        return Report(self.file.data or None, self.text.data or "", self.kind.data or "")


class ConfirmationForm(WishForm):
    confirmed = RadioField(
        _("你的决定"),
        choices=options({"YES": sentence("确认"), "NO": sentence("不确认")}),
        validate_choice=False,
    )
    text = TextAreaField(_("理由"))

    def as_wish(self, case_no: str) -> ConfirmStatutory:
        """Raises BadInput where neither was chosen."""
        if self.confirmed.data not in ("YES", "NO"):
            raise BadInput("confirmed", sentence("请选确认或者不确认"))
        text = (self.text.data or "").strip()
        return ConfirmStatutory(case_no, self.confirmed.data == "YES", text)
