"""An advance that the provider gives back out of the shop's account (WeChat's 垫付退款回补). Pure.

The provider gives back the whole of what it advanced, once for a refund. So it is asked only where
the platform's books have the very same sum outstanding: where the shop's deposit bore a part, or a
part has come back another way, the shop would pay that part twice.

    nothing, WANTED -> ASKED -> DONE with RECOUP_RECORDED
                        ^  \\-> FAILED -> WANTED, by a person
                        +-- asked again, once the provider provably knows of none
"""

from __future__ import annotations

from datetime import datetime

from portal.books.advances import DUE_AFTER, advanced_fen, outstanding_fen, paid_at
from portal.events import RecoupState
from portal.refunds.state import Movement
from portal.times import moment

WANTED, ASKED, DONE, FAILED = "WANTED", "ASKED", "DONE", "FAILED"


def returnable_fen(movement: Movement) -> int:
    """What the provider would give back; 0 where it must not be asked."""
    success = movement.success
    if success is None or not movement.is_advanced or movement.pays_out:
        return 0
    whole_fen = max(success.amount_fen, success.cash_fen + success.coupon_fen)
    borne = advanced_fen(movement) == outstanding_fen(movement) == whole_fen
    return whole_fen if borne and success.route != "OFFLINE" and ref_of(movement) else 0


def ref_of(movement: Movement) -> str:
    """The provider's number of the refund that stands."""
    said = (event for event, _at in reversed(movement.states) if event.attempt == movement.attempt)
    return next((event.provider_ref for event in said if event.provider_ref), "")


def newest(movement: Movement) -> RecoupState | None:
    return movement.returns[-1][0] if movement.returns else None


def pending(movement: Movement) -> RecoupState | None:
    """The intent whose outcome is not known yet."""
    last = newest(movement)
    return last if last is not None and last.state == ASKED else None


def ask_at(movement: Movement) -> datetime | None:
    """When the provider is to be asked; None: not before a person says so, or never."""
    if not returnable_fen(movement) or pending(movement) is not None:
        return None
    last = newest(movement)
    if last is not None and last.state == FAILED:
        return None
    if last is not None and last.state == WANTED:
        return moment(movement.returns[-1][1])
    paid = paid_at(movement)
    return paid + DUE_AFTER if paid else None


def number_of(movement: Movement) -> str:
    """Of the try that is under way or comes next, such as R20260000001n1a1r1."""
    failed = sum(event.state == FAILED for event, _at in movement.returns)
    return f"{movement.attempt_no}r{failed + 1}"


def failed_ref(movement: Movement) -> str:
    """The provider's number of the return that failed last: to hear of it again is no news."""
    refs = [event.provider_ref for event, _at in movement.returns if event.state == FAILED]
    return refs[-1] if refs else ""
