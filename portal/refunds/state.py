"""A movement of money as the sum of its events; everything else about it is derived.

PLANNED -> RESERVED -> SUBMITTED -> PROCESSING -> SUCCESS -> ARRIVED
              |  ^        |            |  |  \\        \\-> REVERSED (-> new attempt)
              |  +--------+ (asked again)  |  \\-> CLOSED (-> SUBMITTED of the next attempt)
              \\-> CANCELLED                \\-> ABNORMAL (-> SUCCESS, or a person decides)

A rank never falls, except along REVERSED, CLOSED and REFUSED, which open the next attempt.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal.events import ExecutionOrdered, Funding, RefundState

PLANNED = "PLANNED"
ENDED = ("CLOSED", "REFUSED", "REVERSED")  # this attempt; the next one has its own number
PAID = ("SUCCESS", "ARRIVED")


@dataclass(frozen=True)
class Movement:
    """One order and what became of it; `states` are (event, recorded time), oldest first."""

    order: ExecutionOrdered
    ordered_at: str
    states: tuple[tuple[RefundState, str], ...] = ()
    waiting: bool = False  # for the goods to come back
    approvals: frozenset[str] = frozenset()  # who let it go

    @property
    def refund_no(self) -> str:
        return self.order.refund_no

    @property
    def last(self) -> RefundState | None:
        return self.states[-1][0] if self.states else None

    @property
    def state(self) -> str:
        return self.last.state if self.last else PLANNED

    @property
    def attempt(self) -> int:
        """The attempt that is under way, or the last one."""
        return max((event.attempt for event, _at in self.states), default=1)

    @property
    def attempt_no(self) -> str:
        return attempt_no(self.refund_no, self.attempt)

    @property
    def calls(self) -> tuple[tuple[RefundState, str], ...]:
        """Every intent of the current attempt, with its time."""
        return tuple(
            (event, at)
            for event, at in self.states
            if event.state == "SUBMITTED" and event.attempt == self.attempt
        )

    @property
    def funding(self) -> tuple[Funding, ...]:
        held = [event.funding for event, _at in self.states if event.state == "RESERVED"]
        return held[-1] if held else ()

    @property
    def success(self) -> RefundState | None:
        """The provider's word that it is paid, as long as it holds."""
        for event, _at in reversed(self.states):
            if event.state == "REVERSED":
                return None
            if event.state == "SUCCESS":
                return event
        return None

    @property
    def is_paid(self) -> bool:
        return self.success is not None

    @property
    def is_over(self) -> bool:
        """Nothing is left to be paid: paid, or not to be paid after all."""
        return self.is_paid or self.state == "CANCELLED"


def attempt_no(refund_no: str, attempt: int) -> str:
    """What the provider hears: at most 32 letters and digits, valid with every provider."""
    return f"{refund_no}a{attempt}"
