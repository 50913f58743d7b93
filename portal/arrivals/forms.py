"""Two buttons beside a payment."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import TextAreaField
from wtforms.validators import Length

from portal.arrivals.rules import TEXT_LIMIT
from portal.forms import WishForm


class ArrivalForm(WishForm):
    text = TextAreaField(_("你查过哪里"), [Length(max=TEXT_LIMIT)])
