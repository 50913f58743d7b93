"""The forms of an obligation in kind."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import (
    MultipleFileField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)

from portal.amounts import read_yuan
from portal.cases.state import Case
from portal.errors import BadInput, sentence
from portal.forms import WishForm, options
from portal.obligations.desk import Verdict
from portal.officers.forms import exhibit_choices
from portal.words import SHORTFALLS


class ParcelForm(WishForm):
    carrier = StringField(_("快递公司"))
    waybill = StringField(_("快递单号"))


class DeedForm(WishForm):
    text = TextAreaField(_("怎么履行的"))
    files = MultipleFileField(_("凭证"))


class ButtonForm(WishForm):
    """One button: it was delivered, or the buyer has it."""


class DisputeForm(WishForm):
    why = RadioField(_("有什么问题"), choices=options(SHORTFALLS), validate_choice=False)
    text = TextAreaField(_("写明问题"))
    files = MultipleFileField(_("凭证"))


class JudgeForm(WishForm):
    met = RadioField(
        _("你的决定"),
        choices=options({"YES": sentence("已履行"), "NO": sentence("没有履行")}),
        validate_choice=False,
    )
    refund_fen = StringField(_("改为退款（元）"))
    text = TextAreaField(_("理由"))
    citations = SelectMultipleField(_("引用"), validate_choice=False)

    def as_verdict(self) -> Verdict:
        """Raises BadInput where neither was chosen, or for an amount that cannot be read."""
        if self.met.data not in ("YES", "NO"):
            raise BadInput("met", sentence("请选已履行或者没有履行"))
        return Verdict(
            met=self.met.data == "YES",
            text=self.text.data or "",
            citations=tuple(self.citations.data or ()),
            refund_fen=read_yuan(self.refund_fen.data, "refund_fen"),
        )

    def offer(self, case: Case) -> JudgeForm:
        """The same form, with this case's exhibits to cite."""
        self.citations.choices = exhibit_choices(case)
        return self
