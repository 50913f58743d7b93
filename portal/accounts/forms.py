"""The two forms of an account, with our own words: the library's Chinese is incomplete."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_security import ChangePasswordForm, LoginForm
from flask_security.utils import validate_redirect_url
from wtforms import Field
from wtforms.validators import Length

# Above 4096 bytes the hashing library fails, and a stranger would see an error of ours.
PASSWORD_MOST = 1024


class SignInForm(LoginForm):
    """Address, password, remember, and the page to go back to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email.label.text = gettext("邮箱")
        self.password.label.text = gettext("密码")
        self.remember.label.text = gettext("在这台设备上保持登录")
        _cut(self.password)
        # A link that leads off this site loses its way back; the person can still sign in.
        if not validate_redirect_url(self.next.data or ""):
            self.next.data = ""


class NewPasswordForm(ChangePasswordForm):
    """The password now, and the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.password.label.text = gettext("当前密码")
        self.new_password.label.text = gettext("新密码")
        self.new_password_confirm.label.text = gettext("再输入一次新密码")
        _cut(self.password)
        longest = Length(max=PASSWORD_MOST, message=gettext("最多 %(max)d 个字"))
        self.new_password.validators = [*self.new_password.validators, longest]
        _cut(self.new_password)
        _cut(self.new_password_confirm)


def _cut(password: Field) -> None:
    """What is longer than any password is as wrong as any other wrong one."""
    password.data = password.data and password.data[: PASSWORD_MOST + 1]
