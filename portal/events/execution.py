"""A ruling carried out: orders of money, the goods on their way back, the money's states, the end.

A movement of money begins with EXECUTION_ORDERED and moves by REFUND_STATE only; each has the
number of its order. MONEY_APPROVED, MONEY_OVERRIDDEN and CONTROL_SET are people's words about it.
"""

from __future__ import annotations

from portal.events.values import ArrivalPromise, Event, Funding


class ExecutionOrdered(Event, tag="EXECUTION_ORDERED"):
    refund_no: str  # without an attempt; what a provider hears ends with a1, a2 …
    amount_fen: int
    payment_id: str
    channel: str
    return_first: bool
    rail: str = "REFUND"  # out of what was paid; PAYOUT: beyond it; FREIGHT: of a return


class ReturnShipped(Event, tag="RETURN_SHIPPED"):
    carrier: str
    waybill: str
    freight_fen: int = 0  # what the buyer says it cost
    receipt: str = ""  # the exhibit that shows it


class ReturnReceived(Event, tag="RETURN_RECEIVED"):
    confirmed_by: str  # MERCHANT, CLOCK or OFFICER


class RefundState(Event, tag="REFUND_STATE"):
    """One step of a movement. `state`:

    RESERVED    the sum is set aside: `funding` says out of which accounts
    SUBMITTED   written before each call that asks for money: `request_digest` of its exact bytes
    PROCESSING  the provider has accepted it
    SUCCESS     the provider says it is paid; `promise` is what the payer is told, `funding` is
                there only when the provider took the money from somebody else than it was asked to
    ARRIVED     it is in the payer's hands, by the word of `source`
    CLOSED      the provider ended this attempt without paying; only then a new number
    ABNORMAL    paid out, but the payer's account could not take it; not final
    REFUSED     the provider will not do this attempt, by a signed answer that a query confirmed
    REVERSED    SUCCESS turned out not to be one
    CANCELLED   not to be paid after all, such as when the goods were never sent back; COVERED: the
                platform has paid it back on its own, by the word of two people
    """

    refund_no: str
    state: str
    amount_fen: int
    attempt: int = 1
    request_digest: str = ""
    asked_fen: int = 0  # in SUBMITTED: amount_fen with the coupons beside it; 0: there are none
    answer_digest: str = ""  # of the raw answer, notice or bill line that says so
    source: str = ""  # ANSWER, QUERY, NOTICE, BILL, PROVIDER, BUYER, CLOCK, OPERATOR
    provider: str = ""
    provider_ref: str = ""
    provider_at: str = ""
    route: str = ""  # ORIGINAL, BALANCE, OTHER_BALANCE, OTHER_BANKCARD, OFFLINE; empty: not told
    cash_fen: int = 0  # what the payer sees in money; all of amount_fen, or somebody looks
    coupon_fen: int = 0  # beside it: coupons that the provider gave back in kind
    code: str = ""  # the provider's word for why
    funding: tuple[Funding, ...] = ()
    promise: ArrivalPromise | None = None


class MoneyApproved(Event, tag="MONEY_APPROVED"):
    """One of two people who let a large sum go."""

    refund_no: str
    approver: str
    amount_fen: int
    text: str


class MoneyOverridden(Event, tag="MONEY_OVERRIDDEN"):
    """By hand, with a reason: RETRY, ADVANCE, ABNORMAL_CARD, CAP, OFFLINE, COVERED or
    TO_PAYOUT."""

    refund_no: str
    what: str
    text: str
    approver: str = ""  # who, as a pseudonym; the engine itself is SYSTEM


class ControlSet(Event, tag="CONTROL_SET"):
    """A limit or switch over all movements, in the stream `controls`."""

    name: str
    subject: str  # a shop, provider or account; empty for all
    value: int
    text: str
    approver: str = ""
    in_force: bool = True  # False: a wider limit that only one person has asked for yet


class ArrivalQuestioned(Event, tag="ARRIVAL_QUESTIONED"):
    """The payee says that money which the provider calls paid is not there."""

    refund_no: str
    text: str


class CaseClosed(Event, tag="CASE_CLOSED"):
    reason: str
