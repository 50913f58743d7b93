"""The two forms of an account, with our own words: the library's Chinese is incomplete."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_security import ChangePasswordForm, LoginForm
from flask_security.utils import validate_redirect_url


class SignInForm(LoginForm):
    """Address, password, remember, and the page to go back to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email.label.text = gettext("邮箱")
        self.password.label.text = gettext("密码")
        self.remember.label.text = gettext("在这台设备上保持登录")
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
