"""An item rises once to a level, and is resolved once, with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from portal.errors import BadInput, Refused
from portal.errors import sentence as _
from portal.events import Event, ItemEscalated, ItemResolved
from portal.monitors.commands import EscalateItem, ResolveItem

LEAST_TEXT = 5
MOST_TEXT = 2000


def escalate_item(
    history: Sequence[Event], command: EscalateItem, now: datetime
) -> tuple[Event, ...]:
    """ITEM_ESCALATED, unless it was resolved meanwhile."""
    _check_unresolved(history, command.item_no)
    return (
        ItemEscalated(
            command.item_no, command.kind, command.subject, command.opened_at, command.level
        ),
    )


def resolve_item(
    history: Sequence[Event], command: ResolveItem, now: datetime
) -> tuple[Event, ...]:
    """ITEM_RESOLVED with what was done about it."""
    _check_unresolved(history, command.item_no)
    text = command.text.strip()
    if not LEAST_TEXT <= len(text) <= MOST_TEXT:
        raise BadInput(
            "text", _("请写 %(least)s 到 %(most)s 个字"), least=LEAST_TEXT, most=MOST_TEXT
        )
    return (ItemResolved(command.item_no, command.kind, command.subject, command.opened_at, text),)


def _check_unresolved(history: Sequence[Event], item_no: str) -> None:
    if any(isinstance(event, ItemResolved) and event.item_no == item_no for event in history):
        raise Refused(_("这一项已经了结"))
