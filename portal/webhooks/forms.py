"""A new subscription, as an operator fills it in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from portal.webhooks.addresses import LONGEST
from portal.webhooks.desk import Wish
from portal.webhooks.messages import TYPES


class SubscriptionForm(FlaskForm):
    platform = StringField(_("平台代号"), [DataRequired(_("请填写平台代号")), Length(max=64)])
    url = StringField(_("推送地址"), [DataRequired(_("请填写推送地址")), Length(max=LONGEST)])
    events = SelectMultipleField(
        _("只推送这些事件"), choices=[SelectChoice(code, code) for code in TYPES]
    )

    def as_wish(self) -> Wish:
        return Wish(self.platform.data or "", self.url.data or "", tuple(self.events.data or ()))
