"""An obligation in kind as the sum of its events; everything else about it is derived.

OPEN -> SHIPPED -> DELIVERED -> MET          DISPUTED -> MET | FAILED, by an officer
  |  \\-> DONE ------------------^            OVERDUE  -> MET | FAILED, by an officer
  \\-> OVERDUE | FAILED when the time is over

FAILED falls back to a refund where the obligation has a price.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal.events import ObligationOrdered, ObligationState

OPEN = "OPEN"
OVER = ("MET", "FAILED")
WITH_BUYER = ("SHIPPED", "DELIVERED", "DONE")  # the buyer has the next word
WITH_OFFICER = ("DISPUTED", "OVERDUE")

# How an obligation is carried out. A repair may come by parcel or be made on the spot.
BY_PARCEL = (
    "REPLACE",
    "REPAIR",
    "RESHIP_MISSING",
    "REPLACE_NO_RETURN",
    "GIFT_DELIVER",
    "SEND_BACK",
)
BY_DEED = ("REPAIR", "COUPON_RESTORE", "CORRECT_LISTING", "PUBLIC_STATEMENT", "APOLOGY")


@dataclass(frozen=True)
class Obligation:
    """One obligation and what became of it; `states` are (event, recorded time), oldest first."""

    ordered: ObligationOrdered
    ordered_at: str
    states: tuple[tuple[ObligationState, str], ...] = ()

    @property
    def number(self) -> str:
        return self.ordered.number

    @property
    def code(self) -> str:
        return self.ordered.code

    @property
    def last(self) -> ObligationState | None:
        return self.states[-1][0] if self.states else None

    @property
    def state(self) -> str:
        return self.last.state if self.last else OPEN

    @property
    def due_at(self) -> str:
        """By when somebody has to act; empty when it is over."""
        return self.last.due_at if self.last else self.ordered.due_at

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def turn(self) -> str:
        """Who is to act: the debtor, BUYER, OFFICER, or nobody."""
        if self.state == OPEN:
            return self.ordered.debtor
        if self.state in WITH_BUYER:
            return "BUYER"
        return "OFFICER" if self.state in WITH_OFFICER else ""

    @property
    def shipped(self) -> ObligationState | None:
        """The parcel, if one is or was on its way."""
        return self.newest("SHIPPED")

    def newest(self, state: str) -> ObligationState | None:
        """The last event that brought it there."""
        found = (event for event, _at in reversed(self.states) if event.state == state)
        return next(found, None)
