"""A stream as the rows hold it: its head, its key and its events, in order."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from ledger import EMPTY, Head, leaf_digest
from portal.cases.evolving import fold
from portal.cases.state import Case
from portal.cases.tables import EntryRow
from portal.database import AnySession
from portal.events import Event, event_from
from portal.streams import case_stream

ERASED = "CONTENT_ERASED"
_COLUMNS = (
    EntryRow.index,
    EntryRow.at,
    EntryRow.code,
    EntryRow.kid,
    EntryRow.raw,
    EntryRow.disclosures,
)


@dataclass(frozen=True)
class Recorded:
    """One entry with its meaning. `by` is who wished it; `event` is None once the key is gone."""

    index: int
    at: str
    by: str
    event: Event | None
    raw: str
    disclosures: tuple[str, ...]

    @property
    def code(self) -> str:
        """What kind of event it is, by its public part; ERASED for a record of an erasure."""
        return str(self._public.get("type", ERASED))

    @property
    def blobs(self) -> tuple[str, ...]:
        """The encrypted files that its public part names."""
        return tuple(self._public.get("blobs", ()))

    @property
    def is_erasure(self) -> bool:
        return self.code == ERASED

    @property
    def _public(self) -> dict[str, Any]:
        # Read as it stands in the row: were it changed, the reader's browser is to find that.
        payload = self.raw.split("\n", 2)[-1]
        return dict(json.loads(payload)) if payload.startswith("{") else {}


@dataclass(frozen=True)
class History:
    """All of one stream that has been projected."""

    head: Head = EMPTY
    kid: str | None = None
    entries: tuple[Recorded, ...] = ()

    @property
    def events(self) -> tuple[tuple[Event, str], ...]:
        return tuple((e.event, e.at) for e in self.entries if e.event is not None)


def meaning(code: str, disclosures: tuple[str, ...]) -> tuple[str, Event | None]:
    """(by, event) from an entry's disclosure texts; no disclosures means the key was destroyed."""
    if not disclosures:
        return "", None
    fields = {name: value for _, name, value in json.loads(f"[{','.join(disclosures)}]")}
    return str(fields.pop("by")), event_from(code, fields)


def load(session: AnySession, stream: str) -> History:
    """Reads one stream by its index; costs as many rows as the stream has entries."""
    query = select(*_COLUMNS).where(EntryRow.stream == stream).order_by(EntryRow.seq)
    rows = session.execute(query).all()
    if not rows:
        return History()
    head = Head(len(rows), leaf_digest(rows[-1].raw.encode()))
    return History(head, rows[0].kid, tuple(_recorded(row) for row in rows))


def _recorded(row: Row[Any]) -> Recorded:
    disclosures = tuple(row.disclosures.split("\n")) if row.disclosures else ()
    by, event = meaning(row.code, disclosures)
    return Recorded(row.index, row.at, by, event, row.raw, disclosures)


def load_case(session: AnySession, case_no: str) -> Case:
    """The case as its events make it; state NEW when there is none."""
    return fold(load(session, case_stream(case_no)).events)
