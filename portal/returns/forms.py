"""The forms of a contested return."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    FileField,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)

from portal.amounts import read_yuan
from portal.cases.state import Case
from portal.errors import sentence
from portal.forms import WishForm, options
from portal.officers.forms import exhibit_choices
from portal.returns.desk import Objection, Word
from portal.words import CARRIER_STATES, RETURN_FAULTS, RETURN_OUTCOMES


class ContestForm(WishForm):
    reason = RadioField(_("哪里有问题"), choices=options(RETURN_FAULTS), validate_choice=False)
    carrier_state = SelectField(
        _("快递现在的状态"),
        choices=options(CARRIER_STATES, blank=sentence("请选快递现在的状态")),
        validate_choice=False,
    )
    text = TextAreaField(_("写明问题"))
    files = MultipleFileField(_("你的凭证"))

    def as_objection(self) -> Objection:
        return Objection(
            self.reason.data or "",
            self.text.data or "",
            self.carrier_state.data or "",
            tuple(self.files.data or ()),
        )


class AnswerForm(WishForm):
    text = TextAreaField(_("你的回应"))
    files = MultipleFileField(_("你的凭证"))


class AskForm(WishForm):
    question = TextAreaField(_("要问快递公司什么"))


class JudgeForm(WishForm):
    outcome = RadioField(_("你的决定"), choices=options(RETURN_OUTCOMES), validate_choice=False)
    refund_fen = StringField(_("退款金额（元）"))
    send_back = BooleanField(_("商家要把商品寄回买家"))
    text = TextAreaField(_("理由"))
    citations = SelectMultipleField(_("引用"), validate_choice=False)
    statement = FileField(_("快递公司的说明"))

    def as_word(self) -> Word:
        """Raises BadInput for an amount that cannot be read."""
        return Word(
            outcome=self.outcome.data or "",
            text=self.text.data or "",
            citations=tuple(self.citations.data or ()),
            refund_fen=read_yuan(self.refund_fen.data, "refund_fen") or 0,
            send_back=self.send_back.data,
            statement=self.statement.data or None,
        )

    def offer(self, case: Case) -> JudgeForm:
        """The same form, with this case's exhibits to cite."""
        self.citations.choices = exhibit_choices(case)
        return self
