"""What an operator fills in about an item."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import TextAreaField
from wtforms.validators import Length

from portal.forms import WishForm
from portal.monitors.rules import MOST_TEXT


class ResolveForm(WishForm):
    text = TextAreaField(_("怎么处理的"), [Length(max=MOST_TEXT)])


class AdvanceForm(WishForm):
    """Stands on one page with the other: its field has a name of its own."""

    why = TextAreaField(_("为什么先行赔付"), [Length(max=MOST_TEXT)])
