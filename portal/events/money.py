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


class DifferenceClosed(Event, tag="DIFFERENCE_CLOSED"):
    """A person has looked into something in which a bill and the record differ, and says why it
    may stand. It is for this very row: another sum, state or text is another one.

    In the stream of the row's month, sums in fen. `place`: the bill's line of what only the bill
    has, else 0; `row_digest`: hex SHA-256 of the bill's own line; `evidence`: where it can be
    looked up. `in_force` is False while a sum above the limit waits for the second person.
    """

    provider: str
    day: str
    kind: str
    number: str
    place: int
    bill_fen: int
    our_fen: int
    bill_state: str
    our_state: str
    row_digest: str
    reason: str
    evidence: str
    approver: str
    in_force: bool = True
