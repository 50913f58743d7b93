"""Where a ruling stands in the record."""

from __future__ import annotations

from dataclasses import dataclass

from ledger import leaf_digest
from portal.database import AnySession
from portal.events import RulingIssued
from portal.history import load
from portal.streams import case_stream


@dataclass(frozen=True)
class Entry:
    """The entry of a ruling: number, digest and time."""

    index: int
    digest: str
    at: str


def ruling_entry(session: AnySession, case_no: str) -> Entry | None:
    """The entry of the case's newest ruling; None before there is one."""
    entries = load(session, case_stream(case_no)).entries
    for entry in reversed(entries):
        if isinstance(entry.event, RulingIssued):
            return Entry(entry.index, leaf_digest(entry.raw.encode()).hex(), entry.at)
    return None
