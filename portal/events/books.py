"""What a merchant has paid in as a deposit, and how the platform got an advance back."""

from __future__ import annotations

from portal.events.values import Event


class DepositSet(Event, tag="DEPOSIT_SET"):
    """The platform says what it holds for a shop, in the stream of that deposit."""

    platform: str
    shop_id: str
    account: str
    available_fen: int
    floor_fen: int
    as_of: str


class RecoupRecorded(Event, tag="RECOUP_RECORDED"):
    """The merchant has paid back a part of what the platform advanced, in the case's stream.

    `how`: TRANSFER (paid by the merchant), WITHHELD (kept back from what the shop earns) or
    PROVIDER (taken back by the payment provider).
    """

    refund_no: str
    amount_fen: int
    how: str
    reference: str
