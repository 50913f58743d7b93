"""A panel that does not count. Every void is reasoned, recorded and counted in public: it is the
one way in which an operator could get rid of a panel it dislikes. Once the votes are known it needs
the association's consent, because then there is something to dislike.
"""

from __future__ import annotations

from datetime import datetime

from portal.cases.state import Case
from portal.errors import BadInput, Refused
from portal.errors import sentence as _
from portal.events import Event, PanelVoided, VoidProposed
from portal.panels.commands import ConsentToVoid, ProposeVoid, VoidPanel

REASONS = ("CONFLICT_FOUND", "PROCEDURE", "INTEGRITY")  # what the operator may void for
STATES = ("SEATING", "DELIBERATION", "TALLY", "OFFICER", "APPRAISAL", "APPEAL_WINDOW", "APPEALED")
TEXT_LIMIT = 1000


def void_panel(case: Case, command: VoidPanel, now: datetime) -> tuple[Event, ...]:
    """PANEL_VOIDED, and the next panel is called at once, without anybody of this one; only
    VOID_PROPOSED once the votes are known."""
    if command.reason not in REASONS:
        raise BadInput("reason", _("请从列表里选"))
    text = _reasoned(command.text)
    if not can_void(case):
        raise Refused(_("本案现在没有可以作废的评审"))
    if command.reviewer_id and command.reviewer_id not in case.sat_before:
        raise BadInput("reviewer_id", _("这位评审员没有参与过本案"))
    if not needs_consent(case):
        return (PanelVoided(reason=command.reason, text=text, reviewer_id=command.reviewer_id),)
    if case.void_proposed:
        raise Refused(_("已经提议作废，等消费者协会同意"))
    return (VoidProposed(reason=command.reason, text=text, reviewer_id=command.reviewer_id),)


def propose_void(case: Case, command: ProposeVoid, now: datetime) -> tuple[Event, ...]:
    """VOID_PROPOSED: sealed votes are given up only if the association agrees."""
    text = _reasoned(command.text)
    if case.state != "TALLY" or case.void_proposed:
        raise Refused(_("只有开不了封的评审才能提议作废，而且只提议一次"))
    return (VoidProposed(reason="TRUSTEES_LOST", text=text),)


def consent_to_void(case: Case, command: ConsentToVoid, now: datetime) -> tuple[Event, ...]:
    """PANEL_VOIDED with both names on it."""
    proposed = case.void_proposed
    if proposed is None or not can_void(case):
        raise Refused(_("本案没有等待同意的作废提议"))
    return (
        PanelVoided(
            reason=proposed.reason,
            text=proposed.text,
            reviewer_id=proposed.reviewer_id,
            consented_by="ASSOCIATION",
        ),
    )


def can_void(case: Case) -> bool:
    """Whether there is a panel whose work could still be set aside."""
    return case.state in STATES


def needs_consent(case: Case) -> bool:
    """Whether the panel's votes are known; an appeal's own panel starts unknown again."""
    return case.tally is not None or case.state == "APPEALED"


def _reasoned(text: str) -> str:
    text = text.strip()
    if not text:
        raise BadInput("text", _("请写明理由"))
    if len(text) > TEXT_LIMIT:
        raise BadInput("text", _("最多 %(most)s 个字"), most=TEXT_LIMIT)
    return text
