"""What an auditor types. All of it is read from the address, so a search can be kept and shared."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import DateField, Form, SelectField, StringField
from wtforms.validators import Length, Optional, Regexp

from portal import words
from portal.amounts import read_yuan
from portal.audit.queries import Search
from portal.errors import BadInput
from portal.formats import BEIJING


class SearchForm(Form):
    q = StringField(_("案件编号、店铺、商家、主播或场次"), [Length(max=200)])
    reason = SelectField(_("理由"), validate_choice=False)
    outcome = SelectField(_("结果"), validate_choice=False)
    state = SelectField(_("状态"), validate_choice=False)
    since = DateField(_("提交日期从"), [Optional()])
    until = DateField(_("提交日期到"), [Optional()])
    least = StringField(_("诉求金额从"), [Length(max=20)])
    most = StringField(_("诉求金额到"), [Length(max=20)])

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        lists = (
            (self.reason, words.REASONS),
            (self.outcome, words.OUTCOMES),
            (self.state, words.STATES),
        )
        for field, labels in lists:
            pairs = [(code, gettext(label)) for code, label in labels.items()]
            field.choices = [("", gettext("不限")), *pairs]

    def as_wish(self) -> Search:
        """Raises BadInput for an amount that is none."""
        return Search(
            q=self.q.data or "",
            state=self.state.data or "",
            outcome=self.outcome.data or "",
            reason=self.reason.data or "",
            filed_from=_midnight(self.since.data),
            filed_before=_midnight(self.until.data, 1),
            least_fen=read_yuan(self.least.data, "least"),
            most_fen=read_yuan(self.most.data, "most"),
        )

    def read_wish(self) -> Search | None:
        """The search, or None when something typed is not readable; the fields then say so."""
        if not self.validate():
            return None
        try:
            return self.as_wish()
        except BadInput as fault:
            self[fault.field].errors = [gettext(fault.message, **fault.params)]
            return None


class VerifyForm(Form):
    case_no = StringField(_("案件编号"), [Length(max=40)])
    index = StringField(
        _("记录编号"), [Optional(), Regexp(r"\s*\d{1,15}\s*$", message=_("请填数字，例如 1024"))]
    )
    digest = StringField(
        _("你留存的指纹"),
        [Optional(), Regexp(r"\s*[0-9a-fA-F]{64}\s*$", message=_("指纹是 64 位的十六进制数字"))],
    )


def _midnight(day: date | None, after: int = 0) -> datetime | None:
    """The Beijing midnight that begins the day, or a later one."""
    return datetime.combine(day + timedelta(days=after), time(), BEIJING) if day else None
