"""What an operator fills in about a difference."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import Length

from portal.forms import WishForm
from portal.reconciling.desk import Word
from portal.reconciling.rules import MOST_EVIDENCE, MOST_TEXT


class CloseForm(WishForm):
    seen = HiddenField()
    reason = TextAreaField(_("查到了什么"), [Length(max=MOST_TEXT)])
    evidence = StringField(_("凭证"), [Length(max=MOST_EVIDENCE)])

    def as_word(self) -> Word:
        return Word(self.seen.data or "", self.reason.data or "", self.evidence.data or "")
