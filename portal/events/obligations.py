"""What is done about a parcel that came back wrong, and what is owed in kind rather than in money.

A contested return stays one thread: RETURN_CONTESTED by the merchant, at most one RETURN_ANSWERED
by the buyer, RETURN_JUDGED by an officer, and EXECUTION_REDUCED where less is refunded. An
obligation begins with OBLIGATION_ORDERED and moves by OBLIGATION_STATE only.
"""

from __future__ import annotations

from portal.events.values import Event, Reason


class ReturnContested(Event, tag="RETURN_CONTESTED"):
    """`reason`: DAMAGED, OTHER_GOODS, EMPTY, INCOMPLETE or NOT_ARRIVED. `carrier_state`: what the
    carrier reports (delivered, refused, returned, in_transit, exception, lost, unknown)."""

    reason: str
    text: str
    carrier_state: str
    exhibits: tuple[str, ...] = ()  # numbers


class ReturnAnswered(Event, tag="RETURN_ANSWERED"):
    text: str
    exhibits: tuple[str, ...] = ()


class CarrierAsked(Event, tag="CARRIER_ASKED"):
    """An officer asks the carrier before deciding; the question is part of the record."""

    text: str


class ReturnJudged(Event, tag="RETURN_JUDGED"):
    """An officer's word on a contested return. `outcome`: FULL, PART or NONE of the refund;
    `send_back`: the merchant has to send the parcel back to the buyer."""

    outcome: str
    refund_fen: int
    reasons: tuple[Reason, ...]
    clause: str
    send_back: bool = False


class ExecutionReduced(Event, tag="EXECUTION_REDUCED"):
    """An order that asks for less than it did; never after its first call."""

    refund_no: str
    amount_fen: int  # from now on
    why: str  # RETURN_JUDGED


class ObligationOrdered(Event, tag="OBLIGATION_ORDERED"):
    """Something is owed in kind. `fallback`: what becomes of it when it is not done: REFUND of
    `fallback_fen` at once, ASSESSED by an officer first, or NONE and it stays on record."""

    number: str  # O1, O2 …
    code: str  # of words.IN_KIND
    debtor: str  # MERCHANT or PLATFORM
    due_at: str
    fallback: str
    fallback_fen: int = 0


class ObligationState(Event, tag="OBLIGATION_STATE"):
    """One step of an obligation. `state`:

    SHIPPED    on its way, with carrier and waybill
    DELIVERED  the carrier has handed it over
    DONE       carried out without a parcel, with a text or an exhibit
    DISPUTED   the buyer says it did not come (NOT_RECEIVED) or is not what is owed (NOT_AS_OWED)
    OVERDUE    not done in time, and an officer has to say what it is worth
    MET        the buyer, the time that passed, or an officer says it is fulfilled
    FAILED     not fulfilled: its fallback follows, or it stays on record as broken
    """

    number: str
    state: str
    due_at: str = ""  # of whoever is to act next; empty when it is over
    source: str = ""  # BUYER, MERCHANT, PLATFORM, OFFICER, CLOCK
    carrier: str = ""
    waybill: str = ""
    why: str = ""
    text: str = ""
    exhibits: tuple[str, ...] = ()
    refund_fen: int = 0  # of FAILED: what an officer says it is worth
