"""From ledger to rows. The same code serves the first run, the daily run, repair and rebuild.

Position and rows are written in one transaction that begins with a compare-and-set of the
position: two processes that catch up at once cannot project an entry twice. Effects (messages,
work for the engine) are enqueued in that same transaction, and only for entries beyond the
effects mark, which a rebuild does not reset.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from ledger import PLAIN, Entry, Log, open_entry, read_content
from ledger.erasure import erased_in
from portal.cases.evolving import fold
from portal.cases.projector import Reached, project_case
from portal.cases.state import Case
from portal.cases.tables import EffectsTo, EntryRow, ProjectedTo
from portal.database import db
from portal.events import Event
from portal.files import Files
from portal.history import ERASED, History, load, meaning
from portal.keyring import KeyDestroyed, Keyring

BATCH = 500
ONE = 1

Projector = Callable[[Session, Any, Files], None]
Effect = Callable[[Session, "Happened", Case], None]


@dataclass(frozen=True)
class Happened:
    """An entry that has just been projected for the first time."""

    index: int
    stream: str
    at: str
    by: str
    event: Event


@dataclass(frozen=True)
class Opened:
    """An entry with its content, as far as its key still opens it; an erasure has no time."""

    entry: Entry
    code: str
    at: str
    texts: tuple[str, ...] = ()
    by: str = ""
    event: Event | None = None


@dataclass(frozen=True)
class Projection:
    """Owns every projected table. Thread-safe; many processes may run it on one database."""

    log: Log
    keyring: Keyring
    files: Files
    sessions: sessionmaker[Session]
    projectors: Mapping[type[Event], Projector]
    effects: Sequence[Effect] = ()
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def stream(self, name: str) -> History:
        with self.sessions() as session:
            return load(session, name)

    def newest(self, name: str) -> History:
        """A stream as the ledger has it; waits for other streams only if its rows are behind."""
        self.log.catch_up()
        history = self.stream(name)
        if history.head == self.log.head(name):
            return history
        self.catch_up()
        return self.stream(name)

    def size(self) -> int:
        """How many entries the rows hold."""
        with self.sessions() as session:
            return _position(session, ProjectedTo)

    def catch_up(self) -> int:
        """Project everything the ledger holds; returns the position reached."""
        return self.reach(self.log.catch_up())

    def reach(self, goal: int) -> int:
        """Project at least so many entries; returns the position reached. Whoever had to wait
        finds its entries among those of a batch that was projected meanwhile."""
        with self._one_at_a_time:
            position = self.size()
            if not position:
                self._begin()
                self.keyring.forget()  # or a key destroyed elsewhere would open its entries again
            while position < goal:
                stop = min(self.log.size, position + BATCH)
                position = stop if self._step(position, stop) else self.size()
            return position

    def rebuild(self) -> int:
        """Drop the rows and replay; tells nobody anything a second time."""
        with self._one_at_a_time, self.sessions.begin() as session:
            for table in reversed(db.metadata.sorted_tables):
                if table.info.get("projected"):
                    session.execute(delete(table))
        return self.catch_up()

    def _begin(self) -> None:
        """Make the marks where there are none; of two processes that try, one succeeds."""
        for table in (ProjectedTo, EffectsTo):
            with suppress(IntegrityError), self.sessions.begin() as session:
                if session.get(table, ONE) is None:
                    session.add(table(id=ONE, size=0))

    def _step(self, start: int, stop: int) -> bool:
        """False: another process was faster; its rows are these rows."""
        found = map(self._open, self.log.entries(start, stop))
        entries = [opened for opened in found if opened is not None]
        with self.sessions.begin() as session:
            if not _advance(session, ProjectedTo, start, stop):
                return False
            self._leave(session, entries, self._project(session, entries), stop)
        return True

    def _open(self, entry: Entry) -> Opened | None:
        """None for what the ledger keeps about itself, such as the roots of its map."""
        if entry.kid == PLAIN:
            return Opened(entry, ERASED, "") if erased_in(entry.raw) else None
        content = read_content(entry)
        try:
            opened = open_entry(entry, self.keyring.find(entry.kid))
        except KeyDestroyed:
            return Opened(entry, content.type, content.at)
        texts = tuple(disclosure.text for disclosure in opened)
        return Opened(entry, content.type, content.at, texts, *meaning(content.type, texts))

    def _project(self, session: Session, batch: list[Opened]) -> dict[str, Case]:
        """Rows of a batch; returns the cases it touched as they are after it."""
        for opened in batch:
            session.add(_row(opened))
            if opened.event is not None and type(opened.event) in self.projectors:
                self.projectors[type(opened.event)](session, opened.event, self.files)
        session.flush()
        for opened in batch:
            if opened.code == ERASED:
                self._forget(session, opened.entry)
        newest = {o.entry.stream: o for o in batch if o.entry.stream.startswith("case/")}
        return {stream: self._case(session, opened) for stream, opened in newest.items()}

    def _forget(self, session: Session, erasure: Entry) -> None:
        """Empty the rows that were made with keys destroyed since."""
        self.keyring.forget()
        sealed = EntryRow.kid.in_(erased_in(erasure.raw))
        session.execute(update(EntryRow).where(sealed).values(disclosures=""))
        case_no = erasure.stream.removeprefix("case/")
        for table in db.metadata.sorted_tables:
            if table.info.get("projected") and "case_no" in table.c:
                session.execute(delete(table).where(table.c.case_no == case_no))

    def _case(self, session: Session, opened: Opened) -> Case:
        history = load(session, opened.entry.stream)
        case = fold(history.events)
        if case.filed:
            project_case(session, Reached(case, history, opened.entry.index, opened.at))
        return case

    def _leave(
        self, session: Session, batch: list[Opened], cases: dict[str, Case], stop: int
    ) -> None:
        mark = _position(session, EffectsTo)
        for opened in batch:
            case = cases.get(opened.entry.stream)
            if case is not None and opened.event is not None and opened.entry.index >= mark:
                for effect in self.effects:
                    effect(session, _happened(opened, opened.event), case)
        if stop > mark:
            _advance(session, EffectsTo, mark, stop)


def _happened(opened: Opened, event: Event) -> Happened:
    entry = opened.entry
    return Happened(entry.index, entry.stream, opened.at, opened.by, event)


def _row(opened: Opened) -> EntryRow:
    entry = opened.entry
    return EntryRow(
        index=entry.index,
        stream=entry.stream,
        seq=entry.seq,
        code=opened.code,
        at=opened.at,
        kid=entry.kid,
        raw=entry.raw.decode(),
        disclosures="\n".join(opened.texts),
    )


def _position(session: Session, table: type[ProjectedTo] | type[EffectsTo]) -> int:
    return session.scalar(select(table.size).where(table.id == ONE)) or 0


def _advance(
    session: Session, table: type[ProjectedTo] | type[EffectsTo], start: int, stop: int
) -> bool:
    """Compare-and-set; also takes the row's lock, so that others wait for this transaction."""
    moved = update(table).where(table.id == ONE, table.size == start).values(size=stop)
    return bool(session.execute(moved).rowcount)  # type: ignore[attr-defined]
