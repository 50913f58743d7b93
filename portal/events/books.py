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


class RecoupState(Event, tag="RECOUP_STATE"):
    """How far the provider is with giving an advance back out of the shop's account, in the case's
    stream. `number` is ours, one for each try: WeChat takes none, `provider_ref` is its own of the
    refund.

    `state`: WANTED (a person asks, before it is due or once more), ASKED (the intent, before each
    request), DONE (RECOUP_RECORDED stands beside it; `provider_ref` is the provider's number of the
    return), FAILED (this try has ended without it). Digests are hex SHA-256.
    """

    refund_no: str
    state: str
    amount_fen: int
    number: str = ""
    request_digest: str = ""
    answer_digest: str = ""
    source: str = ""
    provider: str = ""
    provider_ref: str = ""
    code: str = ""
    text: str = ""
    approver: str = ""
