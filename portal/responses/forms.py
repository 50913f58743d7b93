"""The form of an answer. Every list is checked by the rules, so that both doors say the same."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import (
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)

from portal.amounts import read_yuan
from portal.cases.state import Case
from portal.errors import sentence
from portal.events import Contest, Remedy
from portal.forms import WishForm, options
from portal.responses.desk import Answer
from portal.words import CONTESTS, REFUSALS, REMEDIES

_OFTEN = (
    "REFUND_ONLY",
    "PARTIAL_REFUND",
    "REFUND_RETURN",
    "PRICE_ADJUST",
    "REPLACE",
    "REPLACE_NO_RETURN",
    "REPAIR",
    "RESHIP_MISSING",
    "GIFT_DELIVER",
    "GIFT_VALUE",
    "COMPENSATE",
    "CONTRACT_PENALTY",
)
OFFERED = {code: REMEDIES[code] for code in _OFTEN}
ANSWERS = {
    "AGREE": sentence("同意买家诉求"),
    "OFFER": sentence("提出方案"),
    "DENY": sentence("不同意，提交答辩"),
}


class ContestForm(Form):
    """A doubt about one exhibit; no point chosen means none."""

    number = HiddenField()
    point = SelectField(validate_choice=False)
    text = StringField(_("说明"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.point.choices = options(CONTESTS, blank=sentence("没有异议"))


class AnswerForm(WishForm):
    answer = RadioField(_("你的决定"), choices=options(ANSWERS), validate_choice=False)
    offer = SelectField(_("方案"), choices=options(OFFERED), validate_choice=False)
    amount_fen = StringField(_("金额（元）"))
    reason_code = SelectField(
        _("不同意的理由"),
        choices=options(REFUSALS, blank=sentence("请选一个理由")),
        validate_choice=False,
    )
    text = TextAreaField(_("说明"))
    contested = FieldList(FormField(ContestForm))

    def as_answer(self, uploads: tuple[str, ...]) -> Answer:
        """What was filled in. Raises BadInput for an amount that cannot be read."""
        offering = self.answer.data == "OFFER"
        return Answer(
            answer=self.answer.data or "",
            text=self.text.data or "",
            reason_code=self.reason_code.data or "",
            offer=self._offer() if offering else None,
            contested=tuple(self._contests()),
            uploads=uploads,
        )

    def _offer(self) -> Remedy:
        amount_fen = read_yuan(self.amount_fen.data, "amount_fen")
        return Remedy(code=self.offer.data or "", amount_fen=amount_fen)

    def _contests(self) -> list[Contest]:
        filled = [entry.form for entry in self.contested if entry.form.point.data]
        return [
            Contest(form.number.data or "", form.point.data, (form.text.data or "").strip())
            for form in filled
        ]


def answer_form(case: Case) -> AnswerForm:
    """The form with a row for each exhibit that the shop may contest."""
    theirs = [{"number": x.number} for x in case.exhibits if x.side != "MERCHANT"]
    return AnswerForm(contested=theirs)


class ConfirmForm(WishForm):
    """One button: the parcel came back in order."""
