"""Until a panel is drawn, the first or the appeal's, both sides and the platform add exhibits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from portal.cases.state import Case
from portal.errors import BadInput, Refused
from portal.errors import sentence as _
from portal.events import Event, EvidenceSealed
from portal.evidence.commands import AddEvidence

# In the window of an appeal as well: what is new may come before the appeal that rests on it.
OPEN_STATES = ("AWAITING_RESPONDENT", "NEGOTIATION", "APPEAL_WINDOW", "APPEALED")


def add_evidence(case: Case, command: AddEvidence, now: datetime) -> tuple[Event, ...]:
    """One EVIDENCE_SEALED per exhibit."""
    if case.state not in OPEN_STATES:
        raise Refused(_("评审已经开始或者本案已有结论，不能再补充凭证"))
    if not command.exhibits:
        raise BadInput("exhibits", _("请选至少一个文件"))
    check_numbers(case, command.exhibits)
    return command.exhibits


def check_numbers(case: Case, exhibits: Sequence[EvidenceSealed]) -> None:
    """Raise Refused when somebody of the same side was faster with a number."""
    taken = {x.number for x in case.exhibits}
    if any(x.number in taken for x in exhibits):
        raise Refused(_("凭证编号刚被用掉，请再提交一次"))
