"""What is recorded about money as a whole: days reconciled, items that rose or were resolved."""

from __future__ import annotations

from portal.events.values import Event


class Reconciled(Event, tag="RECONCILED"):
    """One day (Beijing) of one provider, held against the record. `result`: GREEN or RED.

    Totals are of refunds and payouts that succeeded on that day, in fen; `rows` and `bill_fen` are
    0 where the provider gives no bill. `differences` by kind, in the order of their names.
    """

    provider: str
    day: str
    bill_digest: str
    result: str
    rows: int
    matched: int
    bill_fen: int
    ledger_fen: int
    journal_fen: int
    differences: tuple[tuple[str, int], ...]


class ItemEscalated(Event, tag="ITEM_ESCALATED"):
    """An item stood too long and is now visible to the association."""

    item_no: str
    kind: str
    subject: str
    opened_at: str
    level: int


class ItemResolved(Event, tag="ITEM_RESOLVED"):
    """A person says that an item is done, and why."""

    item_no: str
    kind: str
    subject: str
    opened_at: str
    text: str
