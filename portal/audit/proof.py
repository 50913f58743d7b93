"""The proof of a case for js/verify.js: records as the pages hold them, proofs from the log.

The records come from the same rows as the pages, not from the log: were a row changed, the reader's
browser shall find it, and it can only find it in what it is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from ledger import Checkpoint, Log, NotStored
from ledger.encoding import to_base64
from portal.audit.disclosure import Rules, code_in
from portal.history import History, Recorded


@dataclass(frozen=True)
class ProvenEntry:
    """`raw` is the record's exact text; `proof` leads from its leaf to the root, base64."""

    index: int
    raw: str
    proof: tuple[str, ...]
    disclosures: tuple[str, ...]


@dataclass(frozen=True)
class Proof:
    """All records of one stream against one checkpoint."""

    vkey: str
    checkpoint: str
    stream: str
    entries: tuple[ProvenEntry, ...]

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def prove(log: Log, stream: str, history: History, rules: Rules) -> Proof:
    """The proof of every record of the stream, with what the rules let this reader have."""
    checkpoint = log.publish()
    entries = tuple(_prove(log, checkpoint, entry, rules) for entry in history.entries)
    return Proof(log.verifier.vkey, checkpoint.text, stream, entries)


def disclosures(entries: Sequence[Recorded], rules: Rules) -> dict[int, tuple[str, ...]]:
    """By index, the texts of the fields that are open."""
    return {entry.index: open_texts(entry, rules) for entry in entries}


def open_texts(entry: Recorded, rules: Rules) -> tuple[str, ...]:
    fields = rules.fields(code_in(entry), entry)
    return tuple(field.disclosure for field in fields if field.disclosure)


def _prove(log: Log, checkpoint: Checkpoint, entry: Recorded, rules: Rules) -> ProvenEntry:
    try:
        path = log.inclusion(entry.index, checkpoint.size)
    except NotStored:
        path = ()  # a row that the log does not know: the reader's check says so
    hashes = tuple(to_base64(each) for each in path)
    return ProvenEntry(entry.index, entry.raw, hashes, open_texts(entry, rules))
