"""The proof that voting is closed, as a trustee asks for it, and the case as the log has it.

Made from the log, not from rows: whoever edits the database neither opens nor spoils a vote.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ledger import PLAIN, Entry, Log, open_entry, read_content
from portal.cases.evolving import fold
from portal.cases.state import Case
from portal.events import Event
from portal.history import meaning
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


def case_in_log(log: Log, keyring: Keyring, case_no: str) -> Case:
    """The case as its records in the log make it."""
    entries = (one for one in log.stream_entries(case_stream(case_no)) if one.kid != PLAIN)
    return fold(_events(entries, keyring))


def _events(entries: Iterable[Entry], keyring: Keyring) -> Iterator[tuple[Event, str]]:
    for entry in entries:
        content = read_content(entry)
        texts = tuple(each.text for each in open_entry(entry, keyring.find(entry.kid)))
        _by, event = meaning(content.type, texts)
        if event is not None:
            yield event, content.at


def _closing(
    log: Log, keyring: Keyring, case_no: str, round_number: int
) -> tuple[Entry, list[str]]:
    for entry in reversed(log.stream_entries(case_stream(case_no))):
        if entry.kid != "-" and read_content(entry).type == "VOTING_CLOSED":
            fields = open_entry(entry, keyring.find(entry.kid))
            if any(each.name == "round" and each.value == round_number for each in fields):
                return entry, [each.text for each in fields if each.name in SHOWN]
    raise AssertionError("an opening before the voting was closed")
