"""What an operator fills in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length, Optional

from portal.access import Role
from portal.audit.labels import ROLES, TRACKS
from portal.forms import WishForm
from portal.operations.desk import NewAccount


class AccountForm(FlaskForm):
    name = StringField(_("称呼"), [DataRequired(_("请填写称呼")), Length(max=80)])
    roles = SelectMultipleField(_("身份"), [DataRequired(_("请至少选一个身份"))])
    email = StringField(_("邮箱"), [Length(max=254)])
    password = PasswordField(_("初始密码"), [Length(max=256)])
    platform = StringField(_("平台代号"), [Length(max=64)])
    buyer_ref = StringField(_("买家代号（平台给的）"), [Length(max=128)])
    shop_id = StringField(_("店铺编号"), [Length(max=128)])
    merchant_id = StringField(_("商家编号"), [Length(max=128)])
    reviewer_id = StringField(_("评审员代号"), [Length(max=128)])

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        others = (role for role in Role if role is not Role.OPERATOR)
        self.roles.choices = [(role.value, _(ROLES[role])) for role in others]

    def as_wish(self) -> NewAccount:
        references = {
            name: (self[name].data or "").strip() or None
            for name in ("platform", "buyer_ref", "shop_id", "merchant_id", "reviewer_id")
        }
        roles = tuple(Role(code) for code in self.roles.data or ())
        email, password = self.email.data or None, self.password.data or None
        return NewAccount(self.name.data, roles, email, password, references)


class TokenForm(FlaskForm):
    label = StringField(_("用途"), [DataRequired(_("请写明给谁用、做什么")), Length(max=80)])


class TrackForm(WishForm):
    track = SelectField(_("评审类型"), validate_choice=False)
    reason = StringField(_("为什么改"), [Optional(), Length(max=500)])

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.track.choices = [(code, _(label)) for code, label in TRACKS.items()]
