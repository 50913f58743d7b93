"""The proof of a case for js/verify.js: records as the pages hold them, proofs from the log.

The records come from the same rows as the pages, not from the log: were a row changed, the reader's
browser shall find it, and it can only find it in what it is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from ledger import Checkpoint, Completeness, Entry, Log, NoQuorum, NotStored
from ledger.encoding import to_base64
from ledger.mapproof import format_map_proof
from portal.audit.disclosure import Rules
from portal.audit.vouching import witness_keys
from portal.history import History, Recorded


@dataclass(frozen=True)
class ProvenEntry:
    """`raw` is the record's exact text; `proof` leads from its leaf to the root, base64."""

    index: int
    raw: str
    proof: tuple[str, ...]
    disclosures: tuple[str, ...]


@dataclass(frozen=True)
class ProvenMap:
    """The entry that states the map's root, proven like any other, and what the map says."""

    index: int
    raw: str
    proof: tuple[str, ...]
    stream: str


@dataclass(frozen=True)
class Proof:
    """All records of one stream against one checkpoint.

    `witnesses` are the keys of those who cosign; `map` proves that these are all the records.
    `pending`: witnesses are awaited, so records past the checkpoint cannot be proven yet, nor
    that these are all.
    """

    vkey: str
    witnesses: tuple[str, ...]
    checkpoint: str
    stream: str
    entries: tuple[ProvenEntry, ...]
    map: ProvenMap | None
    pending: bool

    def as_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class Published:
    """A checkpoint, and what the map says of a stream; None while witnesses are awaited."""

    checkpoint: Checkpoint
    complete: Completeness | None


def publish(log: Log, stream: str) -> Published:
    """The newest checkpoint there can be. NoQuorum if none was ever published."""
    try:
        complete = log.prove_stream(stream)
    except NoQuorum:
        newest = log.latest()
        if newest is None:
            raise
        return Published(newest, None)
    return Published(log.checkpoint_covering(complete.map_entry.index), complete)


def prove(log: Log, published: Published, stream: str, history: History, rules: Rules) -> Proof:
    """The proof of every record of the stream, with what the rules let this reader have.

    `history` is read after publishing, so it holds all that the map counts.
    """
    checkpoint, complete = published.checkpoint, published.complete
    end = complete.map_entry.index if complete else log.size
    return Proof(
        vkey=log.verifier.vkey,
        witnesses=witness_keys(log),
        checkpoint=checkpoint.text,
        stream=stream,
        entries=tuple(
            ProvenEntry(e.index, e.raw, _path(log, checkpoint, e.index), open_texts(e, rules))
            for e in history.entries
            if e.index < end or complete is None
        ),
        map=_prove_map(log, checkpoint, complete) if complete else None,
        pending=complete is None,
    )


def disclosures(entries: Sequence[Recorded], rules: Rules) -> dict[int, tuple[str, ...]]:
    """By index, the texts of the fields that are open."""
    return {entry.index: open_texts(entry, rules) for entry in entries}


def open_texts(entry: Recorded, rules: Rules) -> tuple[str, ...]:
    fields = rules.fields(entry.code, entry)
    return tuple(field.disclosure for field in fields if field.disclosure)


def _prove_map(log: Log, checkpoint: Checkpoint, complete: Completeness) -> ProvenMap:
    entry: Entry = complete.map_entry
    path = _path(log, checkpoint, entry.index)
    return ProvenMap(entry.index, entry.raw.decode(), path, format_map_proof(complete.proof))


def _path(log: Log, checkpoint: Checkpoint, index: int) -> tuple[str, ...]:
    try:
        return tuple(to_base64(each) for each in log.inclusion(index, checkpoint.size))
    except NotStored:
        return ()  # a row that the log does not know: the reader's check says so
