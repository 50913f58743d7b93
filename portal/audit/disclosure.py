"""Which fields of a case's records a reader may have: one table per kind of reader.

The parties have their whole case. Platform and reviewers learn nothing of talks between the
parties, and a reviewer nothing that tells who the buyer is or who else sits on the panel, as long
as the panel decides. Association and operator have the process and the decision, not the person:
what identifies somebody is withheld, and free text is withheld and shown covered.

A field that no table names is open, but never with a value that identifies the buyer in this case:
what does is compared with every field before it leaves, except those that the house itself computes
(`OURS`). Platforms and parties choose their numbers, and a waybill "1" or a payment "p1" would
otherwise take the seed of a draw, or the number of a refund, from whoever audits the case.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from portal.audit.redaction import cover_value, names_any, texts_in
from portal.history import History, Recorded


class Reader(Enum):
    PARTY = "PARTY"
    PLATFORM = "PLATFORM"
    REVIEWER = "REVIEWER"
    OFFICE = "OFFICE"  # association and operator


READERS = {
    "BUYER": Reader.PARTY,
    "MERCHANT": Reader.PARTY,
    "PLATFORM": Reader.PLATFORM,
    "REVIEWER": Reader.REVIEWER,
}


class Shown(Enum):
    OPEN = "OPEN"
    COVERED = "COVERED"  # withheld; a covered rendering may stand beside it
    WITHHELD = "WITHHELD"


EVERY = "*"
Table = Mapping[str, frozenset[str]]

PERSONAL: Table = {
    "CASE_FILED": frozenset({"buyer_ref", "order_id", "payment"}),
    "EXECUTION_ORDERED": frozenset({"payment_id"}),
    "REFUND_STATE": frozenset({"provider_ref", "request_digest"}),
    "RETURN_SHIPPED": frozenset({"waybill"}),
    "EVIDENCE_SEALED": frozenset({"upload_id"}),
}
FREE_TEXT: Table = {
    "CASE_FILED": frozenset({"text"}),
    "EVIDENCE_SEALED": frozenset({"name", "note"}),
    "RESPONSE_FILED": frozenset({"text", "contested"}),
    "OFFER_SEALED": frozenset({"text"}),
    "OFFER_DECLINED": frozenset({"text"}),
    "TRACK_ASSIGNED": frozenset({"reason"}),
    "RECUSAL": frozenset({"text"}),
    "PANEL_VOIDED": frozenset({"text"}),
    "VOID_PROPOSED": frozenset({"text"}),
    "APPEAL_FILED": frozenset({"text"}),
    "APPEAL_ANSWERED": frozenset({"text"}),
    "APPRAISAL_ORDERED": frozenset({"question"}),
    "APPRAISAL_RECEIVED": frozenset({"text"}),
    "STATUTORY_CONFIRMED": frozenset({"text"}),
}
# Open, unless somebody wrote into them what identifies a person.
SCREENED: Table = {
    "BALLOT_REVEALED": frozenset({"ballot"}),
    "RULING_ISSUED": frozenset({"reasons"}),
    "CASE_FILED": frozenset({"promises"}),
    "RETURN_SHIPPED": frozenset({"carrier"}),
}
TALKS: Table = {
    "OFFER_SEALED": frozenset({EVERY}),
    "OFFER_DECLINED": frozenset({EVERY}),
    "SETTLEMENT_REACHED": frozenset({EVERY}),
}
PANEL: Table = {  # until the ballots are open
    "PANEL_DRAWN": frozenset({"seats", "reserves"}),
    "SEAT_ACCEPTED": frozenset({"by", "reviewer_id"}),
    "RECUSAL": frozenset({"by", "reviewer_id", "code", "text"}),
    "SEAT_FILLED": frozenset({"by", "reviewer_id"}),
}
# A reviewer's own words about relatives and work are for the offices: the code says enough.
RECUSALS: Table = {"RECUSAL": frozenset({"text"})}
# Computed by the house or chosen from its lists: no person and no platform writes into them. `by`,
# who acted, is never among them.
OURS: Table = {
    "CASE_FILED": frozenset(
        {"case_no", "rules_version", "order_digest", "reason_code", "remedies"}
    ),
    "EVIDENCE_SEALED": frozenset({"number", "side", "kind", "file", "picture", "received_at"}),
    "CLOCK_STARTED": frozenset({EVERY}),
    "CLOCK_EXPIRED": frozenset({EVERY}),
    "SETTLEMENT_REACHED": frozenset({EVERY}),
    "TRACK_ASSIGNED": frozenset({"track"}),
    "PANEL_CALLED": frozenset({EVERY}),
    "PANEL_DRAWN": frozenset({EVERY}),
    "SEAT_ACCEPTED": frozenset({EVERY}),
    "SEAT_FILLED": frozenset({EVERY}),
    "RECUSAL": frozenset({"reviewer_id", "why", "code"}),
    "BALLOT_COMMITTED": frozenset({"slip", "sealed_by"}),
    "VOTING_CLOSED": frozenset({EVERY}),
    "BALLOTS_PEELED": frozenset({EVERY}),
    "BALLOT_REVEALED": frozenset({"key"}),
    "TALLY_CLOSED": frozenset({EVERY}),
    "RULING_ISSUED": frozenset(
        {"outcome", "basis", "remedy", "owed", "clause", "counts", "dissent", "liability", "appeal"}
    ),
    "RULING_ACCEPTED": frozenset({"side"}),
    "APPEAL_FILED": frozenset({"side", "ground"}),
    "APPEAL_ANSWERED": frozenset({"side"}),
    "EXECUTION_ORDERED": frozenset({"refund_no", "channel", "rail"}),
    "EXECUTION_REDUCED": frozenset({"refund_no"}),
    "REFUND_STATE": frozenset(
        {"refund_no", "state", "answer_digest", "source", "provider", "funding", "promise"}
    ),
    "MONEY_APPROVED": frozenset({"refund_no"}),
    "ARRIVAL_QUESTIONED": frozenset({"refund_no"}),
    "RETURN_JUDGED": frozenset({"outcome", "clause"}),
    "OBLIGATION_ORDERED": frozenset({EVERY}),
    "OBLIGATION_STATE": frozenset({"number", "state", "due_at", "source"}),
    "CASE_CLOSED": frozenset({EVERY}),
}
# Of a sealed ballot nobody gets more than the commitment, which stands in the record's public part.
BALLOT: Table = {"BALLOT_COMMITTED": frozenset({"by", "sealed", "opened"})}


@dataclass(frozen=True)
class Field:
    """One field of an entry as a reader gets it; `disclosure` is empty unless it is open."""

    name: str
    shown: Shown
    value: object = None  # as recorded when open, covered when covered, else None
    disclosure: str = ""

    @property
    def json(self) -> str:
        return json.dumps(self.value, ensure_ascii=False)


@dataclass(frozen=True)
class Rules:
    """What holds for one reader of one case."""

    reader: Reader
    secrets: frozenset[str]
    opened: frozenset[int]  # entries of panels whose ballots are open

    def fields(self, code: str, entry: Recorded) -> Iterator[Field]:
        """The entry's fields in the order in which they were sealed."""
        talks = self.reader in (Reader.REVIEWER, Reader.PLATFORM) and _is_offer(code, entry)
        for text in entry.disclosures:
            _salt, name, value = json.loads(text)
            opened = entry.index in self.opened
            shown = Shown.WITHHELD if talks else self._shown(code, name, value, opened)
            yield self._field(name, shown, value, text)

    def _field(self, name: str, shown: Shown, value: object, text: str) -> Field:
        if shown is Shown.OPEN:
            return Field(name, shown, value, text)
        if shown is Shown.COVERED:
            return Field(name, shown, cover_value(value, self.secrets))
        return Field(name, shown)

    def _shown(self, code: str, name: str, value: object, opened: bool) -> Shown:
        if not opened and _lists(BALLOT, code, name):
            return Shown.WITHHELD
        if self.reader is not Reader.OFFICE and _lists(RECUSALS, code, name):
            return Shown.WITHHELD
        if self.reader is Reader.PARTY:
            return Shown.OPEN
        if self.reader is Reader.PLATFORM:
            return Shown.WITHHELD if _lists(TALKS, code, name) else Shown.OPEN
        if self.reader is Reader.REVIEWER:
            return self._shown_to_reviewer(code, name, value, opened)
        return self._shown_to_office(code, name, value)

    def _shown_to_reviewer(self, code: str, name: str, value: object, opened: bool) -> Shown:
        hidden = _lists(PERSONAL, code, name) or _lists(TALKS, code, name)
        hidden = hidden or (not opened and _lists(PANEL, code, name))
        return Shown.WITHHELD if hidden or self._identifies(code, name, value) else Shown.OPEN

    def _shown_to_office(self, code: str, name: str, value: object) -> Shown:
        if _lists(PERSONAL, code, name):
            return Shown.WITHHELD
        if _lists(FREE_TEXT, code, name):
            return Shown.COVERED if any(texts_in(value)) else Shown.OPEN
        if _lists(SCREENED, code, name) and cover_value(value) != value:
            return Shown.COVERED
        return Shown.WITHHELD if self._identifies(code, name, value) else Shown.OPEN

    def _identifies(self, code: str, name: str, value: object) -> bool:
        ours = name != "by" and _lists(OURS, code, name)
        return not ours and names_any(value, self.secrets)


def rules_for(side: str, history: History) -> Rules:
    """The rules for a side (see cases/access.py, `side_of`) of the case with this history."""
    reader = READERS.get(side, Reader.OFFICE)
    secrets = frozenset() if reader is Reader.PARTY else _secrets(history.entries)
    return Rules(reader, secrets, opened_entries(history))


def opened_entries(history: History) -> frozenset[int]:
    """The entries of every panel that was counted. A voided one was not, and an appeal's panel
    still votes while the first one's ballots are open."""
    opened: list[int] = []
    panel: list[int] = []
    for entry in history.entries:
        if entry.code == "PANEL_CALLED":
            panel = []
        panel.append(entry.index)
        if entry.code == "TALLY_CLOSED":
            opened += panel
    return frozenset(opened)


def _lists(table: Table, code: str, name: str) -> bool:
    names = table.get(code, frozenset())
    return name in names or EVERY in names


def _is_offer(code: str, entry: Recorded) -> bool:
    """An answer that comes with an offer belongs to the talks, its text above all."""
    return code == "RESPONSE_FILED" and getattr(entry.event, "answer", "") == "OFFER"


def _secrets(entries: Sequence[Recorded]) -> frozenset[str]:
    """What identifies the buyer or a payment, wherever it may have been written again."""
    return frozenset(
        text for entry in entries for value in _personal(entry) for text in texts_in(value)
    )


def _personal(entry: Recorded) -> Iterator[object]:
    event = entry.event
    for name in ("buyer_ref", "order_id", "payment_id", "waybill", "provider_ref"):
        yield getattr(event, name, None)
    payment = getattr(event, "payment", None)
    if payment is not None:
        yield from (payment.payment_id, payment.provider_txn)
