"""What the operator and applicants fill in about the pool."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange

from portal.access import Role
from portal.errors import sentence
from portal.forms import WishForm, options
from portal.operations.desk import NewAccount
from portal.pool.applying import MOST_TEXT, Application
from portal.pool.commands import ChangeReviewer, EnrollReviewer, SetReviewerState
from portal.pool.desk import Welcome
from portal.pool.practice import PracticeCase
from portal.pool.rules import MOST_QUOTA, MOST_WEIGHT
from portal.pool.ties import TIES, Ties, listed
from portal.words import CHOICES, STRATA

STATES: dict[str, str] = {
    "ACTIVE": sentence("在任"),
    "PRACTISING": sentence("练习中"),
    "PAUSED": sentence("暂停"),
    "REMOVED": sentence("已移出"),
}
TONGUES: dict[str, str] = {"zh": sentence("中文"), "en": sentence("英文")}
NAMES = {"fields": "knows", "languages": "tongues", "state": "start"}


class TraitsForm(WishForm):
    """What may change later."""

    knows = StringField(_("熟悉的领域"), [Length(max=500)])
    tongues = SelectMultipleField(_("能看的语言"), validate_choice=False, default=["zh"])
    quota = IntegerField(
        _("同时最多几件"), [InputRequired(), NumberRange(1, MOST_QUOTA)], default=5
    )
    weight = IntegerField(_("权重"), [InputRequired(), NumberRange(1, MOST_WEIGHT)], default=1)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.tongues.choices = options(TONGUES)

    def as_change(self, reviewer_id: str) -> ChangeReviewer:
        return ChangeReviewer(
            reviewer_id=reviewer_id,
            weight=self.weight.data or 0,
            fields=listed(self.knows.data),
            languages=tuple(self.tongues.data or ()),
            quota=self.quota.data or 0,
        )


class EnrollForm(TraitsForm):
    reviewer_id = StringField(_("代号"), [Length(max=64)])
    stratum = SelectField(_("类别"), validate_choice=False)
    start = RadioField(_("什么时候可以抽中"), validate_choice=False, default="PRACTISING")
    worked_for = StringField(_("工作过的店铺或公司编号"), [Length(max=500)])
    relative_of = StringField(_("亲属的店铺或公司编号"), [Length(max=500)])
    email = StringField(_("邮箱"), [Length(max=254)])
    password = PasswordField(_("初始密码"), [Length(max=256)])

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.stratum.choices = options(STRATA)
        self.start.choices = options(
            {"PRACTISING": sentence("通过练习以后"), "ACTIVE": sentence("马上")}
        )

    def as_welcome(self, name: str) -> Welcome:
        """The wish under its command id."""
        reviewer = EnrollReviewer(
            reviewer_id=(self.reviewer_id.data or "").strip(),
            stratum=self.stratum.data or "",
            weight=self.weight.data or 0,
            fields=listed(self.knows.data),
            languages=tuple(self.tongues.data or ()),
            quota=self.quota.data or 0,
            state=self.start.data or "",
        )
        return Welcome(reviewer, self._account(reviewer.reviewer_id), name, self._ties())

    def _account(self, reviewer_id: str) -> NewAccount | None:
        """The reviewer's way in, when an address was given."""
        if not self.email.data:
            return None
        references: dict[str, str | None] = {"reviewer_id": reviewer_id}
        password = self.password.data or None
        return NewAccount(reviewer_id, (Role.REVIEWER,), self.email.data, password, references)

    def _ties(self) -> Ties:
        return {
            "WORKED_FOR": listed(self.worked_for.data),
            "RELATIVE_OF": listed(self.relative_of.data),
        }


class StateForm(WishForm):
    state = SelectField(_("改为"), validate_choice=False)
    reason = TextAreaField(_("原因"), [Length(max=500)])

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.state.choices = options({c: STATES[c] for c in ("PAUSED", "ACTIVE", "REMOVED")})

    def as_wish(self, reviewer_id: str) -> SetReviewerState:
        return SetReviewerState(reviewer_id, self.state.data or "", self.reason.data or "")


class TieForm(FlaskForm):
    kind = SelectField(_("关系"), validate_choice=False)
    value = StringField(_("店铺、公司或买家编号"), [Length(max=128)])

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = options(TIES)


class ImportForm(FlaskForm):
    table = FileField(_("CSV 表格"))


class DeclineForm(FlaskForm):
    reason = StringField(_("原因"), [Length(max=500)])


class ApplyForm(FlaskForm):
    stratum = RadioField(_("你代表哪一方"), validate_choice=False)
    knows = StringField(_("熟悉的领域"), [Length(max=500)])
    tongues = SelectMultipleField(_("能看的语言"), validate_choice=False, default=["zh"])
    shop = StringField(_("自己的店铺"), [Length(max=500)])
    worked_for = StringField(_("工作过的店铺或公司"), [Length(max=500)])
    relative_of = StringField(_("亲属的店铺或公司"), [Length(max=500)])
    competitor = StringField(_("有利益的同行公司"), [Length(max=500)])
    text = TextAreaField(_("介绍自己"), [Length(max=MOST_TEXT)])

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.stratum.choices = options(STRATA)
        self.tongues.choices = options(TONGUES)

    def as_application(self) -> Application:
        return Application(
            stratum=self.stratum.data or "",
            fields=listed(self.knows.data),
            languages=tuple(self.tongues.data or ()),
            ties={
                "SHOP": listed(self.shop.data),
                "WORKED_FOR": listed(self.worked_for.data),
                "RELATIVE_OF": listed(self.relative_of.data),
                "COMPETITOR": listed(self.competitor.data),
            },
            text=self.text.data or "",
        )


class PracticeForm(WishForm):
    choice = RadioField(_("你的判断"), validate_choice=False)

    def __init__(self, case: PracticeCase, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        # Another order in each case, so that a place on the page teaches nothing.
        turn = int(case.number) % len(CHOICES)
        codes = [*CHOICES][turn:] + [*CHOICES][:turn]
        self.choice.choices = options({code: CHOICES[code] for code in codes})
