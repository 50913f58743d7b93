"""The ballot as a form. The order of the options is drawn, so that being first helps no side."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    Field,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice

from portal.amounts import read_yuan
from portal.cases.state import Case
from portal.errors import BadInput, sentence
from portal.events import Seat
from portal.formats import exhibit_label, time_of_day
from portal.forms import WishForm, options
from portal.panels.desk import Vote
from portal.words import BALLOT_REASONS, CHOICES, EVIDENCE, LIABLE, REMEDIES
from reviewers.parties import PARTIES


def share_field(party: str) -> str:
    return f"share_{party}"


# What the rules call otherwise than this form does.
NAMES = {"choice": "option", "text": "reason", "liability": share_field(PARTIES[0])}
GRANTED = (
    "PARTIAL_REFUND",
    "REFUND_ONLY",
    "REFUND_RETURN",
    "PRICE_ADJUST",
    "REPLACE",
    "REPAIR",
    "RESHIP_MISSING",
    "GIFT_DELIVER",
)
_MOMENT = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{2})(?:\.(\d{1,3}))?")


_SHARE = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,2}))?\s*%?")
_Shares = type(
    "_Shares",
    (WishForm,),
    {share_field(party): StringField(_(LIABLE[party])) for party in PARTIES},
)


class BallotForm(_Shares):  # type: ignore[misc, valid-type]
    option = RadioField(_("你的判断"), validate_choice=False)
    remedy = SelectField(_("怎么处理"), validate_choice=False)
    amount_fen = StringField(_("退款金额（元）"))
    compensation_fen = StringField(_("赔付金额（元）"))
    reasons = SelectMultipleField(_("依据"), validate_choice=False)
    citations = SelectMultipleField(_("引用"), validate_choice=False)
    moments = StringField(_("回放的其他时刻"))
    reason = TextAreaField(_("理由"))
    checked = BooleanField(_("我已核对，提交后不能修改"))

    def check_read(self) -> None:
        """Without scripts nothing is shown once more before it counts. Raises BadInput."""
        if not self.checked.data:
            raise BadInput("checked", sentence("请核对后勾选"))

    def as_vote(self) -> Vote:
        """What was filled in. Raises BadInput for an amount or a moment that cannot be read."""
        partial = self.option.data == "PARTIAL"
        return Vote(
            choice=self.option.data or "",
            amount_fen=self._fen(self.amount_fen) if partial else 0,
            compensation_fen=self._fen(self.compensation_fen) if partial else 0,
            remedy=(self.remedy.data or None) if partial else None,
            reasons=tuple(self.reasons.data or ()),
            text=self.reason.data or "",
            citations=(*(self.citations.data or ()), *read_moments(self.moments.data)),
            liability=self._liability(),
        )

    @property
    def shares(self) -> list[Field]:
        """The fields of the liability split, in the published order of the parties."""
        return [self[share_field(party)] for party in PARTIES]

    def _liability(self) -> dict[str, int]:
        given = {party: read_share(self[share_field(party)]) for party in PARTIES}
        return {party: share for party, share in given.items() if share}

    @staticmethod
    def _fen(field: StringField) -> int:
        return read_yuan(field.data, field.short_name) or 0


def read_share(field: Field) -> int:
    """``33.33`` or ``33.33%`` -> 3333 basis points, nothing -> 0. Raises BadInput."""
    typed = unicodedata.normalize("NFKC", field.data or "").strip()
    if not typed:
        return 0
    match = _SHARE.fullmatch(typed)
    if match is None:
        raise BadInput(field.short_name, sentence("请写百分数，例如 60 或 33.33"))
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))


def ballot_form(case: Case, seat: Seat) -> BallotForm:
    """The form for one seat: its own order of options, this case's exhibits and moments."""
    form = BallotForm()
    seed = case.drawn.seed if case.drawn else ""
    form.option.choices = options({c: CHOICES[c] for c in drawn_order(seed, seat.number)})
    form.remedy.choices = options({c: REMEDIES[c] for c in GRANTED}, sentence("由金额决定"))
    form.reasons.choices = options(BALLOT_REASONS)
    form.citations.choices = [*_moments(case), *_exhibits(case)]
    return form


def drawn_order(seed: str, seat: int) -> list[str]:
    """The options in the order of SHA-256(seed, seat, option): anybody can recompute it."""

    def place(option: str) -> str:
        return hashlib.sha256(f"{seed}/{seat}/{option}".encode()).hexdigest()

    return sorted(CHOICES, key=place)


def read_moments(text: str | None) -> tuple[str, ...]:
    """``00:55 1:23.5`` -> ("55", "83.5"), the form in which a ballot cites the replay."""
    typed = re.split(r"[\s,，、;；]+", (text or "").replace("：", ":").strip())
    return tuple(_second(one) for one in typed if one)


def _second(typed: str) -> str:
    match = _MOMENT.fullmatch(typed)
    if match is None:
        raise BadInput("moments", sentence("请按 分:秒 填写，例如 00:55"))
    hours, minutes, seconds, fraction = match.groups()
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return f"{whole}.{fraction}" if fraction else str(whole)


def _moments(case: Case) -> list[SelectChoice]:
    return [
        SelectChoice(f"{p.start_ms / 1000:.3f}", f"{time_of_day(p.at)} “{p.text}”")
        for p in (case.claim.promises if case.claim.replay_ms else ())
    ]


def _exhibits(case: Case) -> list[SelectChoice]:
    known = case.called.claimed.exhibits if case.called else ()
    return [
        SelectChoice(x.number, f"{exhibit_label(x.number)} {_(EVIDENCE.get(x.kind, x.kind))}")
        for x in case.exhibits
        if x.number in known
    ]
