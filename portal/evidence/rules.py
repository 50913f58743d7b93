"""Until the panel is drawn either side and the platform may add exhibits."""

from __future__ import annotations

from datetime import datetime

from portal.cases.state import Case
from portal.errors import BadInput, Refused
from portal.errors import sentence as _
from portal.events import Event
from portal.evidence.commands import AddEvidence

OPEN_STATES = ("AWAITING_RESPONDENT", "NEGOTIATION")


def add_evidence(case: Case, command: AddEvidence, now: datetime) -> tuple[Event, ...]:
    """One EVIDENCE_SEALED per exhibit."""
    if case.state not in OPEN_STATES:
        raise Refused(_("评审已经开始或者本案已有结论，不能再补充凭证"))
    if not command.exhibits:
        raise BadInput("exhibits", _("请选至少一个文件"))
    taken = {x.number for x in case.exhibits}
    if any(x.number in taken for x in command.exhibits):
        raise Refused(_("凭证编号刚被用掉，请再提交一次"))
    return command.exhibits
