"""A movement of money as the sum of its events; everything else about it is derived.

PLANNED -> RESERVED -> SUBMITTED -> PROCESSING -> SUCCESS -> ARRIVED
              |  ^        |            |  |  \\        \\-> REVERSED (-> new attempt)
              |  +--------+ (asked again)  |  \\-> CLOSED (-> SUBMITTED of the next attempt)
              \\-> CANCELLED                \\-> ABNORMAL (-> SUCCESS, or a person decides)

A rank never falls, except along REVERSED, CLOSED and REFUSED, which open the next attempt; it may
begin with RESERVED, when a person has changed out of whose pocket or along which road it goes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from portal.events import (
    ExecutionOrdered,
    Funding,
    MoneyOverridden,
    RecoupRecorded,
    RecoupState,
    RefundState,
)

PLANNED = "PLANNED"
TO_CONFIRM = "WAIT_USER_CONFIRM"  # WeChat's word for a transfer that waits for its payee
ENDED = ("CLOSED", "REFUSED", "REVERSED")  # this attempt; the next one has its own number
PAID = ("SUCCESS", "ARRIVED")
OPEN = ("SUBMITTED", "PROCESSING", "ABNORMAL")  # an attempt is under way: only a query says how
REROUTING = ("ADVANCE", "TO_PAYOUT")  # other funding, so the sum is set aside anew
COVERED = "COVERED"  # the platform has paid it back on its own
WITNESSES = 2
TO_SHOP = "MERCHANT_BANK_CARD"  # why it is CLOSED: the provider gave it back to the shop, as asked


@dataclass(frozen=True)
class Word:
    """What a person decided by hand, and how many steps had been taken by then."""

    event: MoneyOverridden
    after: int


@dataclass(frozen=True)
class Movement:
    """One order and what became of it; `states` are (event, recorded time), oldest first."""

    order: ExecutionOrdered
    ordered_at: str
    states: tuple[tuple[RefundState, str], ...] = ()
    waiting: bool = False  # for the goods to come back
    approvals: frozenset[str] = frozenset()  # who let it go
    words: tuple[Word, ...] = ()  # oldest first
    questioned_at: str = ""  # when the payee last said that it is not there
    answer: str = ""  # what an operator found out about that, in words for the parties
    answered_at: str = ""
    recoups: tuple[tuple[RecoupRecorded, str], ...] = ()  # of what was advanced, with the time
    returns: tuple[tuple[RecoupState, str], ...] = ()  # of it, by the provider, with the time

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
    def next_attempt(self) -> int:
        """The attempt that the next call belongs to."""
        return self.attempt + (self.state in ENDED)

    @property
    def calls(self) -> tuple[tuple[RefundState, str], ...]:
        """Every intent of the current attempt, with its time."""
        return tuple(
            (event, at)
            for event, at in self.states
            if event.state == "SUBMITTED" and event.attempt == self.attempt
        )

    @property
    def asked_fen(self) -> int:
        """What the provider was asked for in the current attempt: the sum, and the coupons that go
        back beside it."""
        return (self.calls[0][0].asked_fen if self.calls else 0) or self.order.amount_fen

    @property
    def funding(self) -> tuple[Funding, ...]:
        """Out of which accounts, as it was set aside, or as the provider says that it was paid."""
        if self.success is not None and self.success.funding:
            return self.success.funding
        held = [event.funding for event, _at in self.states if event.state == "RESERVED"]
        return held[-1] if held else ()

    @property
    def is_reserved(self) -> bool:
        return self._reserved_at is not None

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
    def is_back_at_shop(self) -> bool:
        """The attempt ended with the money on the shop's own card."""
        return self.last is not None and is_to_shop(self.last)

    @property
    def is_over(self) -> bool:
        """Nothing is left to be paid: paid, or not to be paid after all."""
        return self.is_paid or self.state == "CANCELLED"

    @property
    def is_final(self) -> bool:
        return self.state in ("ARRIVED", "CANCELLED")

    def said(self, what: str) -> tuple[MoneyOverridden, ...]:
        return tuple(word.event for word in self.words if word.event.what == what)

    @property
    def is_rerouted(self) -> bool:
        """Somebody chose other funding or another road since the sum was last set aside."""
        at = self._reserved_at
        return at is not None and any(
            word.event.what in REROUTING and word.after > at for word in self.words
        )

    @property
    def is_advanced(self) -> bool:
        """The platform pays first (先行赔付), as of the sum that is set aside."""
        return self._chosen("ADVANCE")

    @property
    def pays_out(self) -> bool:
        """Paid by a transfer, not as a refund, as of the sum that is set aside."""
        return self.order.rail != "REFUND" or self._chosen("TO_PAYOUT")

    def _chosen(self, what: str) -> bool:
        # Within an attempt nothing changes, whatever is decided meanwhile: same number, same bytes.
        at = self._reserved_at
        until = len(self.states) if at is None or self.state in ENDED else at
        return any(word.event.what == what and word.after <= until for word in self.words)

    @property
    def _reserved_at(self) -> int | None:
        """Which step set the sum aside last."""
        steps = [n for n, (event, _at) in enumerate(self.states) if event.state == "RESERVED"]
        return steps[-1] if steps else None

    @property
    def is_taken_up(self) -> bool:
        """A person has decided what follows after this attempt ended."""
        return any(word.after == len(self.states) for word in self.words)

    @property
    def waited_for_payee(self) -> bool:
        """The current attempt was a transfer that its payee had to confirm."""
        return any(
            event.code == TO_CONFIRM and event.attempt == self.attempt for event, _at in self.states
        )

    @property
    def is_vouched(self) -> bool:
        """Somebody says that it was paid outside, and nobody has chosen a provider since: what is
        asked for then may be paid twice."""
        chosen = [word.event.what for word in self.words if word.event.approver != "SYSTEM"]
        newest = [what for what in chosen if what != "CAP"][-1:]
        return self.is_paid_by_hand or newest == ["OFFLINE"]

    @property
    def is_paid_by_hand(self) -> bool:
        """Two people vouch that it was paid outside; each with a text that proves it."""
        return len({event.approver for event in self.said("OFFLINE")}) >= WITNESSES

    @property
    def is_covered(self) -> bool:
        """Two people say that the platform has paid it back on its own: nothing is asked for."""
        return len({event.approver for event in self.said(COVERED)}) >= WITNESSES


def is_to_shop(event: RefundState) -> bool:
    """Whether the step says that the shop got its money back."""
    return event.state == "CLOSED" and event.code == TO_SHOP


def attempt_no(refund_no: str, attempt: int) -> str:
    """What the provider hears: at most 32 letters and digits, valid with every provider."""
    return f"{refund_no}a{attempt}"


def without_attempt(number: str) -> str:
    """The movement's own number, of whichever attempt; any other number stays as it is."""
    return re.sub(r"a[0-9]+\Z", "", number)
