"""The offline pack of a case: a bundle of the ledger, with what this reader may have of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, TypeGuard

import msgspec

from ledger import Log, write_bundle
from portal.audit.disclosure import Rules
from portal.audit.proof import disclosures
from portal.events import BallotCommitted, Event, EvidenceSealed, FileRef, PanelCalled
from portal.files import Files
from portal.history import History, Recorded
from portal.keyring import KeyDestroyed

POOL_KEPT = ("by", "reason")
SERVER_KEY = "SERVER_KEY"  # such a ballot is on record as it opened, there is no envelope


class Exhibit(msgspec.Struct, frozen=True):
    """A line of extras/evidence.json; the field `file` of record `entry` states the digest."""

    number: str
    side: str
    kind: str
    sha256: str
    size: int
    media_type: str
    entry: int


@dataclass(frozen=True)
class Sources:
    """Where a pack is made from: the log, and the files beside it."""

    log: Log
    files: Files


def write_pack(
    target: BinaryIO, sources: Sources, stream: str, history: History, rules: Rules
) -> None:
    """Write the zip. Evidence stays where it is, its digests are in it; what a panel was drawn
    from and the sealed ballots that were opened are in it whole, so that both can be repeated."""
    shown = {index: texts for index, texts in disclosures(history.entries, rules).items() if texts}
    evidence = msgspec.json.format(msgspec.json.encode(exhibits(history)), indent=1)
    beside = {"evidence.json": evidence, **dict(_panel_files(sources.files, history, rules))}
    sources.log.catch_up()  # the rows may know what another process recorded a moment ago
    write_bundle(target, sources.log, stream, shown, beside)


def _panel_files(files: Files, history: History, rules: Rules) -> Iterator[tuple[str, bytes]]:
    for entry in history.entries:
        event = entry.event
        if isinstance(event, PanelCalled):
            yield from _whole(files, f"pool/{event.pool.sha256}.json", event.pool)
        elif _is_opened_envelope(event) and entry.index in rules.opened:
            yield from _whole(files, f"ballots/{event.slip}.json", event.sealed)


def _is_opened_envelope(event: Event | None) -> TypeGuard[BallotCommitted]:
    return isinstance(event, BallotCommitted) and event.sealed_by != SERVER_KEY


def _whole(files: Files, name: str, ref: FileRef) -> Iterator[tuple[str, bytes]]:
    try:
        yield name, files.read(ref)
    except KeyDestroyed:
        return  # erased for good; the check of the pack says that it is not there


def pool_texts(entry: Recorded) -> tuple[str, ...]:
    """The fields that make the pool what it is."""
    return tuple(text for text in entry.disclosures if json.loads(text)[1] not in POOL_KEPT)


def exhibits(history: History) -> tuple[Exhibit, ...]:
    """What was handed in, in order."""
    return tuple(
        _exhibit(entry.index, entry.event)
        for entry in history.entries
        if isinstance(entry.event, EvidenceSealed)
    )


def _exhibit(index: int, event: EvidenceSealed) -> Exhibit:
    file = event.file
    return Exhibit(
        number=event.number,
        side=event.side,
        kind=event.kind,
        sha256=file.sha256,
        size=file.size,
        media_type=file.media_type,
        entry=index,
    )
