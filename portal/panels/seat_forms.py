"""What a reviewer fills in about a seat, and an operator about a panel."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, SelectField, StringField, TextAreaField

from portal.errors import BadInput, sentence
from portal.forms import WishForm, options
from portal.panels.commands import AnswerSeat, ProposeVoid, Recuse, RemoveReviewer, VoidPanel
from portal.panels.voiding import REASONS
from portal.words import CONFLICTS, VOIDS

# What a reviewer knows better than the records; the rest is computed.
OWN = (
    "RELATIVE",
    "EMPLOYMENT",
    "SHOP_RELATION",
    "PRIOR_BUYER",
    "COMPETITOR",
    "PUBLIC_STATEMENT",
    "CONSCIENCE",
    "WORKLOAD",
    "OTHER",
)


class AcceptForm(WishForm):
    declared = BooleanField(_("就我所知，我和买家、商家、主播都没有关系，也没有公开评论过这件事"))

    def as_wish(self, case_no: str, reviewer_id: str) -> AnswerSeat:
        """Raises BadInput without the declaration."""
        if not self.declared.data:
            raise BadInput("declared", sentence("请先确认没有关系；有关系就谢绝"))
        return AnswerSeat(case_no, reviewer_id, accept=True)


class LeaveForm(WishForm):
    """Declining an invitation, or leaving a seat that was taken."""

    code = SelectField(_("原因"), validate_choice=False)
    text = TextAreaField(_("说明"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.code.choices = options({c: CONFLICTS[c] for c in OWN}, sentence("请选择"))

    def as_answer(self, case_no: str, reviewer_id: str) -> AnswerSeat:
        code, text = self.code.data or "", self.text.data or ""
        return AnswerSeat(case_no, reviewer_id, accept=False, code=code, text=text)

    def as_recusal(self, case_no: str, reviewer_id: str) -> Recuse:
        return Recuse(case_no, reviewer_id, self.code.data or "", self.text.data or "")


class RemoveForm(WishForm):
    reviewer_id = SelectField(_("评审员"), validate_choice=False)
    code = SelectField(_("原因"), validate_choice=False)
    text = StringField(_("具体说明"))

    def offer(self, reviewer_ids: Sequence[str]) -> None:
        """Whom one can choose: those who sit now."""
        self.reviewer_id.choices = [(one, one) for one in reviewer_ids]
        self.code.choices = options(CONFLICTS, sentence("请选择"))

    def as_wish(self, case_no: str) -> RemoveReviewer:
        return RemoveReviewer(
            case_no, self.reviewer_id.data or "", self.code.data or "", self.text.data or ""
        )


class VoidForm(WishForm):
    reason = SelectField(_("原因"), validate_choice=False)
    about = SelectField(_("涉及的评审员"), validate_choice=False)
    explanation = TextAreaField(_("具体说明"))

    def offer(self, reviewer_ids: Sequence[str]) -> None:
        """Whom one can name; naming nobody is possible."""
        self.reason.choices = options({code: VOIDS[code] for code in REASONS}, sentence("请选择"))
        self.about.choices = [("", _("不针对某一位")), *((one, one) for one in reviewer_ids)]

    def as_wish(self, case_no: str) -> VoidPanel:
        said = self.explanation.data or ""
        return VoidPanel(case_no, self.reason.data or "", said, self.about.data or "")


class ProposeForm(WishForm):
    lost = TextAreaField(_("为什么开不了封"))

    def offer(self, reviewer_ids: Sequence[str]) -> None:
        """It concerns nobody's seat."""

    def as_wish(self, case_no: str) -> ProposeVoid:
        return ProposeVoid(case_no, self.lost.data or "")
