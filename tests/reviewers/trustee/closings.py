"""A log with the closing of one panel, and what a trustee is shown of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from ledger import DataKey, Draft, Entry, Log, Signer, open_entry, open_store
from ledger.encoding import to_base64
from reviewers.envelope import Context, seal, slip

CASE = "MA-2026-000001"
NAMES = ("operator", "association", "third")
AT = "2026-11-22T08:00:00.000Z"


@dataclass(frozen=True)
class Field:
    """A log, three trustees' keys, and a data key for what is recorded."""

    log: Log
    private: dict[str, bytes]
    key: DataKey

    @property
    def public(self) -> list[tuple[str, bytes]]:
        return [
            (name, X25519PrivateKey.from_private_bytes(raw).public_key().public_bytes_raw())
            for name, raw in self.private.items()
        ]

    def envelope(self, seat: int, case_no: str = CASE, panel: int = 1) -> bytes:
        context = Context(case_no, panel, seat, "2026-12")
        return seal(b"{}".ljust(8192), context, self.public, os.urandom(32), os.urandom(12))

    def close(
        self,
        envelopes: Sequence[bytes],
        stream: str = f"case/{CASE}",
        kind: str = "VOTING_CLOSED",
        **changes: Any,
    ) -> Entry:
        fields = {
            "why": "ALL_VOTED",
            "seats": list(range(1, len(envelopes) + 1)),
            "slips": [slip(one) for one in envelopes],
            "round": 1,
        } | changes
        draft = Draft(kind, AT, fields)
        head = self.log.head(stream)
        (entry,) = self.log.append_sealed(
            stream, head, [draft], key=os.urandom(8).hex(), data_key=self.key
        )
        self.log.publish()
        return entry

    def proof(self, entry: Entry) -> dict[str, Any]:
        shown = [one.text for one in open_entry(entry, self.key) if one.name != "why"]
        return {
            "receipt": self.log.receipt(entry.index),
            "raw": entry.raw.decode(),
            "disclosures": shown,
        }


def a_field(folder: Path, name: str = "ledger.example/mingan") -> Field:
    signer = Signer(name, os.urandom(32), os.urandom(32))
    log = Log.open(open_store(f"folder:{folder / 'store'}"), signer)
    private = {one: os.urandom(32) for one in NAMES}
    return Field(log, private, DataKey("case-1", os.urandom(32)))


def first(field: Field, entry: Entry, envelopes: Sequence[bytes], **changes: Any) -> dict[str, Any]:
    """The body of a FIRST request to the operator's trustee, with the association's to follow."""
    return {
        "proof": field.proof(entry),
        "step": "FIRST",
        "partner": "association",
        "envelopes": [to_base64(one) for one in envelopes],
        "inner": [],
    } | changes
