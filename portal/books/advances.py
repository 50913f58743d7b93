"""What the platform advanced in a movement, what came back, and until when. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from portal.refunds.state import Movement
from portal.times import moment

DUE_AFTER = timedelta(days=15)  # from payment until the shop is to have paid it back


def advanced_fen(movement: Movement) -> int:
    """As it is set aside or paid; nothing once the movement is cancelled."""
    parts = (p.amount_fen for p in movement.funding if p.account == "PLATFORM_ADVANCE")
    return 0 if movement.state == "CANCELLED" else sum(parts)


def was_advanced(movement: Movement) -> bool:
    """Whether the platform's money was ever set aside for it, also if it no longer is."""
    parts = (part for event, _at in movement.states for part in event.funding)
    return any(part.account == "PLATFORM_ADVANCE" for part in parts)


def recouped_fen(movement: Movement) -> int:
    return sum(event.amount_fen for event, _at in movement.recoups)


def outstanding_fen(movement: Movement) -> int:
    """Still to come back; below zero when more came back than is advanced after a reversal."""
    return advanced_fen(movement) - recouped_fen(movement)


def paid_at(movement: Movement) -> datetime | None:
    """When the provider paid it out, as far as that still holds."""
    success = movement.success
    if success is None:
        return None
    at = next(at for event, at in reversed(movement.states) if event is success)
    return moment(success.provider_at or at)
