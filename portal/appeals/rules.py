"""Who may have a ruling looked at again, until when, and what acceptance leads to."""

from __future__ import annotations

from datetime import datetime

from portal.appeals.commands import AcceptRuling, AnswerAppeal, FileAppeal
from portal.cases.state import Case
from portal.errors import BadInput, Refused
from portal.errors import sentence as _
from portal.events import AppealAnswered, AppealFiled, Event, EvidenceSealed, RulingAccepted
from portal.rulings.orders import execute
from portal.timers import start_clock
from portal.times import moment
from portal.words import GROUNDS

TEXT_LIMIT = 5_000

_FINAL = {
    "APPEAL": _("这是复核的结论，不能再申请复核"),
    "DEFAULT": _("商家没有答复，结论按现有记录作出，不能申请复核"),
    "SETTLEMENT": _("双方已经和解，不能申请复核"),
}


def file_appeal(case: Case, command: FileAppeal, now: datetime) -> tuple[Event, ...]:
    """APPEAL_FILED, and the clock of the other side's answer; exhibits go their own way."""
    check_standing(case, command.side, now)
    if command.ground not in GROUNDS:
        raise BadInput("ground", _("请选一个理由"))
    _check_text(command.text)
    if command.ground == "NEW_EVIDENCE" and not new_exhibits(case, command.side):
        raise BadInput("files", _("请至少附一件新的凭证"))
    filed = AppealFiled(side=command.side, ground=command.ground, text=command.text)
    clock = start_clock("APPEAL_EVIDENCE", now, case.claim.rules_version)
    return (filed, clock)


def check_standing(case: Case, side: str, now: datetime) -> None:
    """Whether this side may appeal or accept now; asked also before a form is shown.
    Raises Refused, with the deadline that was missed."""
    if case.appeal is not None:
        raise Refused(_("本案已经申请过复核，复核只有一次"))
    if case.ruling is None:
        raise Refused(_("本案还没有处理结论"))
    if case.ruling.basis in _FINAL:
        raise Refused(_FINAL[case.ruling.basis])
    _check_side(case, side)
    if case.state != "APPEAL_WINDOW" or now >= moment(case.appeal_until):
        _refuse_late(case, now)


def _check_side(case: Case, side: str) -> None:
    if side not in case.losers:
        raise Refused(_("结论支持了你的全部主张，没有需要复核的内容"))
    if side in case.accepted:
        raise Refused(_("你已经接受结论，不能再申请复核"))


def _refuse_late(case: Case, now: datetime) -> None:
    """Late, or settled early because everybody concerned had accepted."""
    if now >= moment(case.appeal_until):
        raise Refused(_("申请复核的期限 %(due)s 已过"), due=case.appeal_until)
    raise Refused(_("结论已经生效，不能再申请复核"))


def _check_text(text: str) -> None:
    if not text.strip():
        raise BadInput("text", _("请写明理由"))
    if len(text) > TEXT_LIMIT:
        raise BadInput("text", _("最多 %(most)s 个字"), most=TEXT_LIMIT)


def new_exhibits(case: Case, side: str) -> tuple[EvidenceSealed, ...]:
    """What this side has filed that the panel which ruled did not have before it."""
    ruled = case.round if case.called or not case.earlier else case.earlier[-1]
    seen = ruled.called.claimed.exhibits if ruled.called else ()
    return tuple(x for x in case.exhibits if x.side == side and x.number not in seen)


def answer_appeal(case: Case, command: AnswerAppeal, now: datetime) -> tuple[Event, ...]:
    """The other side has spoken: fresh seats are drawn at once."""
    check_answer(case, command.side, now)
    _check_text(command.text)
    return (AppealAnswered(side=command.side, text=command.text),)


def check_answer(case: Case, side: str, now: datetime) -> None:
    """Whether this side may answer an appeal now; asked also before a form is shown."""
    if case.state != "APPEALED" or case.appeal is None:
        raise Refused(_("现在没有等你回应的复核申请"))
    if side == case.appeal.filed.side:
        raise Refused(_("复核是你申请的，等对方回应"))
    if case.clock and now >= moment(case.clock.due_at):
        raise Refused(_("回应的期限 %(due)s 已过"), due=case.clock.due_at)


def accept_ruling(case: Case, command: AcceptRuling, now: datetime) -> tuple[Event, ...]:
    """RULING_ACCEPTED; when nobody is left who could appeal, the ruling is carried out at once."""
    check_standing(case, command.side, now)
    accepted = RulingAccepted(side=command.side)
    if not case.ends_with(command.side):
        return (accepted,)
    assert case.ruling is not None, "standing without a ruling"
    return (accepted, *execute(case, case.ruling, now))
