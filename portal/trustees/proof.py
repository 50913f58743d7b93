"""The proof that voting is closed, as a trustee asks for it; made from the log, not from rows."""

from __future__ import annotations

from typing import Any

from ledger import Entry, Log, open_entry, read_content
from portal.keyring import Keyring
from portal.streams import case_stream

SHOWN = ("round", "seats", "slips")


def prove_closing(log: Log, keyring: Keyring, case_no: str, round_number: int) -> dict[str, Any]:
    """Receipt, record and the disclosures of what closed. Raises NoQuorum while witnesses are
    awaited that the settings require."""
    entry, texts = _closing(log, keyring, case_no, round_number)
    log.checkpoint_covering(entry.index)
    return {
        "receipt": log.receipt(entry.index),
        "raw": entry.raw.decode(),
        "disclosures": texts,
    }


def _closing(
    log: Log, keyring: Keyring, case_no: str, round_number: int
) -> tuple[Entry, list[str]]:
    for entry in reversed(log.stream_entries(case_stream(case_no))):
        if entry.kid != "-" and read_content(entry).type == "VOTING_CLOSED":
            fields = open_entry(entry, keyring.find(entry.kid))
            if any(each.name == "round" and each.value == round_number for each in fields):
                return entry, [each.text for each in fields if each.name in SHOWN]
    raise AssertionError("an opening before the voting was closed")
