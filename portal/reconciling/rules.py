"""A day may be reconciled again, as bills and knowledge change; each result is kept. A difference
is closed once, by one person or above the limit by two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from portal.errors import BadInput, Refused
from portal.errors import sentence as _
from portal.events import DifferenceClosed, Event
from portal.reconciling.commands import CloseDifference, RecordDay
from portal.reconciling.differing import closed_by

LEAST_TEXT = 5
MOST_TEXT = 1_000
MOST_EVIDENCE = 128


def record_day(history: Sequence[Event], command: RecordDay, now: datetime) -> tuple[Event, ...]:
    """RECONCILED."""
    return (command.found,)


def close_difference(
    history: Sequence[Event], command: CloseDifference, now: datetime
) -> tuple[Event, ...]:
    """DIFFERENCE_CLOSED, in force unless a second person must say the same."""
    said = [e for e in history if isinstance(e, DifferenceClosed) and closed_by(e) == command.about]
    if any(event.in_force for event in said):
        raise Refused(_("这一行已经了结"))
    if any(event.approver == command.approver for event in said):
        raise Refused(_("你已经确认过，要由另一位管理员确认"))
    if command.about.fen > command.authority_fen:
        raise Refused(_("这笔金额超过你的批准额度，请额度更高的管理员处理"))
    closing = DifferenceClosed(
        **asdict(command.about),
        reason=_text("reason", command.reason, LEAST_TEXT, MOST_TEXT),
        evidence=_text("evidence", command.evidence, 1, MOST_EVIDENCE),
        approver=command.approver,
        in_force=command.about.fen <= command.dual_fen or bool(said),
    )
    return (closing,)


def _text(field: str, text: str, least: int, most: int) -> str:
    if not least <= len(text.strip()) <= most:
        raise BadInput(field, _("请写 %(least)s 到 %(most)s 个字"), least=least, most=most)
    return text.strip()
