"""What an operator fills in about money."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from portal.amounts import read_yuan
from portal.controls.commands import SetControl
from portal.controls.limits import LIMITS, STOPPED
from portal.controls.rules import card_of
from portal.controls.words import OVERRIDES
from portal.errors import BadInput, sentence
from portal.forms import WishForm, options
from portal.providers.values import BankCard


class ApprovalForm(WishForm):
    text = TextAreaField(_("你核对了什么"), [Optional(), Length(max=1000)])


class OverrideForm(WishForm):
    what = RadioField(_("怎么处理"), validate_choice=False)
    text = TextAreaField(_("理由"), [Optional(), Length(max=1000)])

    def offer(self, possible: tuple[str, ...]) -> OverrideForm:
        """The choices that the movement's state leaves."""
        self.what.choices = options({code: OVERRIDES[code] for code in possible})
        return self


class CardForm(WishForm):
    bank_type = StringField(_("银行代码"), [Optional(), Length(max=40)])
    number = StringField(_("卡号"), [Optional(), Length(max=32)])
    holder = StringField(_("户名"), [Optional(), Length(max=64)])
    text = TextAreaField(_("理由"), [Optional(), Length(max=1000)])

    def as_card(self) -> BankCard | None:
        """None: to the shop's own card. Raises BadInput when only a part is filled in."""
        return card_of(self.bank_type.data or "", self.number.data or "", self.holder.data or "")


class ControlForm(WishForm):
    name = SelectField(_("哪一项限额"), validate_choice=False)
    subject = StringField(_("只对谁"), [Optional(), Length(max=128)])
    value = StringField(_("金额（元）"), [Optional(), Length(max=20)])
    text = StringField(_("理由"), [Optional(), Length(max=1000)])

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        limits = {name: limit.label for name, limit in LIMITS.items() if name != STOPPED}
        self.name.choices = options(limits)

    def as_wish(self) -> SetControl:
        """Raises BadInput."""
        fen = read_yuan(self.value.data, "value")
        if fen is None:
            raise BadInput("value", sentence("请写金额，例如 260 或 260.50"))
        return SetControl(self.name.data or "", self.subject.data or "", fen, self.text.data or "")


class SwitchForm(WishForm):
    provider = HiddenField()
    stop = HiddenField()
    text = StringField(_("理由"), [Optional(), Length(max=1000)])

    def as_wish(self) -> SetControl:
        value = 1 if self.stop.data == "1" else 0
        return SetControl(STOPPED, self.provider.data or "", value, self.text.data or "")
