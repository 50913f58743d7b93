"""The forms of the books: a period of a statement, and an advance that came back."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import DateField, Form, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional, ValidationError

from portal.amounts import read_yuan
from portal.books.commands import RecordRecoup
from portal.books.queries import Recoup
from portal.books.rules import TEXT_LIMIT
from portal.books.statements import Period
from portal.books.words import HOWS
from portal.formats import BEIJING
from portal.forms import WishForm, options


def _of_our_time(_form: Form, field: DateField) -> None:
    """Far ends of the calendar have no midnight in every zone."""
    if field.data is not None and not 2000 <= field.data.year <= 2200:
        raise ValidationError(gettext("请写 2000 年到 2200 年之间的日期"))


class PeriodForm(Form):
    """Two days in Beijing, both inclusive, read from the address; unreadable ones limit nothing."""

    since = DateField(_("从"), [Optional(), _of_our_time])
    until = DateField(_("到"), [Optional(), _of_our_time])

    def as_period(self) -> Period:
        if not self.validate():
            return Period()
        return Period(_midnight(self.since.data), _midnight(self.until.data, 1))


def _midnight(day: date | None, after: int = 0) -> datetime | None:
    return datetime.combine(day + timedelta(days=after), time(), BEIJING) if day else None


class RecoupForm(WishForm):
    amount_fen = StringField(_("收回金额（元）"))
    how = SelectField(_("怎么收回的"), choices=options(HOWS), validate_choice=False)
    reference = StringField(_("凭证号"))

    def as_wish(self, owed: Recoup) -> RecordRecoup:
        """Raises BadInput for an amount that cannot be read."""
        return RecordRecoup(
            case_no=owed.case_no,
            refund_no=owed.refund_no,
            amount_fen=read_yuan(self.amount_fen.data, "amount_fen") or 0,
            how=self.how.data or "",
            reference=(self.reference.data or "").strip(),
        )


class ReturnForm(WishForm):
    text = TextAreaField(_("为什么现在回补"), [Length(max=TEXT_LIMIT)])
