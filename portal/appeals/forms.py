"""The forms after a ruling: an appeal, an answer to one, and a button that accepts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import MultipleFileField, RadioField, TextAreaField

from portal.forms import WishForm, options
from portal.words import GROUNDS


class AppealForm(WishForm):
    ground = RadioField(_("为什么要复核"), choices=options(GROUNDS), validate_choice=False)
    text = TextAreaField(_("写明理由"))
    files = MultipleFileField(_("新的凭证"))


class AnswerForm(WishForm):
    text = TextAreaField(_("你的回应"))
    files = MultipleFileField(_("你的凭证"))


class AcceptForm(WishForm):
    """One button: no appeal from this side."""
