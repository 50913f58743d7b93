"""The offline pack of a case: a bundle of the ledger, with what this reader may have of it."""

from __future__ import annotations

from typing import BinaryIO

import msgspec

from ledger import Log, write_bundle
from portal.audit.disclosure import Rules
from portal.audit.proof import disclosures
from portal.events import EvidenceSealed
from portal.history import History


class Exhibit(msgspec.Struct, frozen=True):
    """A line of extras/evidence.json; the field `file` of record `entry` states the digest."""

    number: str
    side: str
    kind: str
    sha256: str
    size: int
    media_type: str
    entry: int


def write_pack(target: BinaryIO, log: Log, stream: str, history: History, rules: Rules) -> None:
    """Write the zip. The files themselves stay where they are; their digests are in it."""
    shown = {index: texts for index, texts in disclosures(history.entries, rules).items() if texts}
    evidence = msgspec.json.format(msgspec.json.encode(exhibits(history)), indent=1)
    log.catch_up()  # the rows may know what another process recorded a moment ago
    write_bundle(target, log, stream, shown, {"evidence.json": evidence})


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
