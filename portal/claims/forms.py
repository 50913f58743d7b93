"""The forms of a claim. Amounts are typed in yuan and kept in fen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import (
    FileField,
    Form,
    MultipleFileField,
    RadioField,
    SelectChoice,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, ValidationError

from portal.amounts import plain_yuan, read_yuan
from portal.claims.rules import TEXT_LIMIT
from portal.errors import BadInput, sentence
from portal.events import Remedy
from portal.forms import WishForm
from portal.returns.desk import Parcel
from portal.words import PENALTIES, REASON_GROUPS, REASONS, REFUNDS, REMEDIES

NO_REFUND = "NONE"
# What else a buyer may ask for, the frequent first; what only an office can order is left out.
OFTEN = ("FREIGHT_RETURN", "CONTRACT_PENALTY", "GIFT_DELIVER", "RESHIP_MISSING", "REPLACE")
SELDOM = (
    "REPAIR",
    "REPLACE_NO_RETURN",
    "GIFT_VALUE",
    "COMPENSATE",
    "STATUTORY_TRIPLE",
    "STATUTORY_TENFOLD",
    "QC_FEE",
    "DEPOSIT_DOUBLE",
    "COUPON_RESTORE",
    "CORRECT_LISTING",
    "APOLOGY",
)


class YuanField(StringField):
    """Yuan as people type them; `fen` is the integer, or None."""

    fen: int | None = None

    def pre_validate(self, form: Form) -> None:
        try:
            self.fen = read_yuan(self.data, self.name)
        except BadInput as error:
            raise ValidationError(gettext(error.message, **error.params)) from None


class ProblemForm(FlaskForm):
    """Step 1: which goods, what is wrong, did they arrive."""

    lines = SelectMultipleField(lazy_gettext("哪件商品"))
    reason = RadioField(
        lazy_gettext("遇到了什么问题"),
        choices=REASONS,
        validators=[InputRequired(lazy_gettext("请选一个问题"))],
    )
    more = SelectMultipleField(lazy_gettext("还有别的问题"), choices=REASONS)
    received = RadioField(
        lazy_gettext("收到货了吗"),
        choices=[
            SelectChoice("yes", lazy_gettext("收到了")),
            SelectChoice("no", lazy_gettext("没有收到")),
        ],
        validators=[InputRequired(lazy_gettext("请选收到了或没有收到"))],
    )

    def validate_lines(self, field: SelectMultipleField) -> None:
        if not field.data:
            raise ValidationError(gettext("请选要投诉的商品"))

    def groups(self) -> list[tuple[str, list[Any]]]:
        """The reasons as the page shows them: a heading and its options."""
        by_code = {option.data: option for option in self.reason}
        return [
            (heading, [by_code[code] for code in codes]) for heading, codes in REASON_GROUPS.items()
        ]


class StoryForm(FlaskForm):
    """Step 2: what was said and what came, cited promises, files, what is wanted."""

    text = TextAreaField(
        lazy_gettext("主播怎么说，你收到的是什么样"),
        validators=[Length(max=TEXT_LIMIT, message=lazy_gettext("最多 %(max)d 个字"))],
    )
    promises = SelectMultipleField(lazy_gettext("直播里的承诺"))
    files = MultipleFileField(lazy_gettext("照片、视频和文件"), id="files-label")
    refund = RadioField(
        lazy_gettext("希望怎么解决"),
        choices={
            **{code: REMEDIES[code] for code in REFUNDS},
            NO_REFUND: sentence("不要求退款"),
        },
        validate_choice=False,
    )
    refund_yuan = YuanField(lazy_gettext("退款金额（元）"))
    more = SelectMultipleField(
        lazy_gettext("还要求"), choices={code: REMEDIES[code] for code in (*OFTEN, *SELDOM)}
    )

    def amount_of(self, code: str) -> YuanField:
        """The amount that belongs to a penalty."""
        field: YuanField = self[f"yuan_{code}"]
        return field

    def wanted(self) -> tuple[Remedy, ...]:
        """The remedies as ticked, in fen; what is missing is for the rules to say."""
        refund = (self.refund.data,) if self.refund.data in REFUNDS else ()
        refunds = [Remedy(code, self.refund_yuan.fen) for code in refund]
        others = [Remedy(code, self._fen_of(code)) for code in self.more.data or ()]
        return (*refunds, *others)

    def _fen_of(self, code: str) -> int | None:
        return self.amount_of(code).fen if code in PENALTIES else None

    def fill_remedies(self, remedies: Iterable[Remedy]) -> None:
        chosen = tuple(remedies)
        self.more.data = [remedy.code for remedy in chosen if remedy.code not in REFUNDS]
        for remedy in chosen:
            typed = plain_yuan(remedy.amount_fen) if remedy.amount_fen else ""
            if remedy.code in REFUNDS:
                self.refund.data, self.refund_yuan.data = remedy.code, typed
            elif remedy.code in PENALTIES:
                self.amount_of(remedy.code).data = typed


for _code in PENALTIES:
    setattr(StoryForm, f"yuan_{_code}", YuanField(REMEDIES[_code]))


class SendForm(FlaskForm):
    """Step 3 has nothing to fill in."""


class OfferForm(WishForm):
    """Accept or decline."""

    text = TextAreaField(
        lazy_gettext("给商家的话"),
        validators=[Length(max=500, message=lazy_gettext("最多 %(max)d 个字"))],
    )


class ReturnForm(WishForm):
    """The parcel in which the goods go back; the rules say what it must hold."""

    carrier = StringField(lazy_gettext("快递公司"))
    waybill = StringField(lazy_gettext("快递单号"))
    freight_fen = StringField(lazy_gettext("退货运费（元）"))
    receipt = FileField(lazy_gettext("运费单据"))

    def as_parcel(self) -> Parcel:
        """Raises BadInput for a cost that cannot be read."""
        return Parcel(
            self.carrier.data or "",
            self.waybill.data or "",
            read_yuan(self.freight_fen.data, "freight_fen") or 0,
            self.receipt.data or None,
        )
