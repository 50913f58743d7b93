"""What may happen in the docket."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from portal.errors import BadInput, Refused
from portal.errors import sentence as _
from portal.events import Event, IntegrityAnswered, IntegrityDecided, IntegrityReported
from portal.integrity.commands import AnswerReport, DecideReport, FileReport
from portal.integrity.words import ACTIONS, FINDINGS, FLAGS, PARTIES
from portal.times import moment

MOST_TEXT = 2000
LEAST_TEXT = 10
# Who was reported gets this long to answer before a decision; urgent harm is met by a pause,
# which is another wish and needs no finding.
ANSWER_TIME = timedelta(hours=72)
CASE_NO = re.compile(r"[A-Z0-9-]{0,40}")
ABOUT = re.compile(r"[A-Za-z0-9_.-]{0,64}")
AGAINST_REVIEWERS = ("PAUSE", "REMOVE")

Dated = Sequence[tuple[Event, str]]


def file_report(history: Dated, command: FileReport, now: datetime) -> tuple[Event, ...]:
    """INTEGRITY_REPORTED opens the docket of one number."""
    if history:
        raise Refused(_("这个编号已经用过"))
    if command.flag not in FLAGS:
        raise BadInput("flag", _("请从列表里选"))
    if not CASE_NO.fullmatch(command.case_no):
        raise BadInput("case_no", _("案件编号的写法不对"))
    if not ABOUT.fullmatch(command.about):
        raise BadInput("about", _("代号用字母、数字和 _ . -"))
    if command.about in PARTIES and not command.case_no:
        raise BadInput("case_no", _("举报当事人要写案件编号"))
    text = _text(command.text, LEAST_TEXT)
    return (
        IntegrityReported(
            report_no=command.report_no,
            flag=command.flag,
            about=command.about,
            case_no=command.case_no,
            text=text,
            reported_by=command.reported_by,
        ),
    )


def answer_report(history: Dated, command: AnswerReport, now: datetime) -> tuple[Event, ...]:
    """INTEGRITY_ANSWERED, once, by the one it is about, before the decision."""
    _check_open(history)
    if any(isinstance(event, IntegrityAnswered) for event, _at in history):
        raise Refused(_("你已经说明过"))
    return (IntegrityAnswered(command.report_no, _text(command.text, 1)),)


def decide_report(history: Dated, command: DecideReport, now: datetime) -> tuple[Event, ...]:
    """INTEGRITY_DECIDED with reasons, after an answer or the time for one."""
    reported, reported_at = _check_open(history)
    if command.finding not in FINDINGS:
        raise BadInput("finding", _("请从列表里选"))
    if command.action not in ACTIONS:
        raise BadInput("action", _("请从列表里选"))
    if command.finding != "FOUNDED" and command.action != "NONE":
        raise BadInput("action", _("没有成立的举报不能处理任何人"))
    if command.action in AGAINST_REVIEWERS and reported.about in ("", *PARTIES):
        raise BadInput("action", _("这份举报没有写明是哪位评审员"))
    answered = any(isinstance(event, IntegrityAnswered) for event, _at in history)
    waiting = reported.about and now < moment(reported_at) + ANSWER_TIME
    if waiting and not answered and command.finding == "FOUNDED":
        raise Refused(_("对方还没有说明，72 小时内不能认定成立"))
    text = _text(command.text, LEAST_TEXT)
    return (IntegrityDecided(command.report_no, command.finding, command.action, text),)


def _check_open(history: Dated) -> tuple[IntegrityReported, str]:
    first = next(((e, at) for e, at in history if isinstance(e, IntegrityReported)), None)
    if first is None:
        raise Refused(_("没有这份举报"))
    if any(isinstance(event, IntegrityDecided) for event, _at in history):
        raise Refused(_("这份举报已经处理过"))
    return first


def _text(text: str, least: int) -> str:
    """What was written, without blanks around it. Raises BadInput."""
    plain = text.strip()
    if not least <= len(plain) <= MOST_TEXT:
        raise BadInput("text", _("请写 %(least)s 到 %(most)s 个字"), least=least, most=MOST_TEXT)
    return plain
