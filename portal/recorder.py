"""The one door. Web, API, worker and command line add to the ledger only through `record`.

    command -> rules (pure) -> append, durable -> projection -> receipt

A refusal may be stale, a success never is: before a person is told *no*, the rows catch up once,
and if anything moved the rules decide again. The command's id makes a repetition harmless: the
same id gives the same receipt for ever, also after a lost answer or a crash.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger import Draft, Entry, LedgerError, Log, StreamMoved, read_content
from ledger import EntryTooLarge as TooLarge
from portal.clock import Clock
from portal.errors import BadInput, PortalError, Refused, Unconfirmed
from portal.errors import sentence as _
from portal.events import Event, FileRef, code_of, fields_of
from portal.history import History
from portal.keyring import Keyring
from portal.projection import Projection
from portal.times import stamp

ATTEMPTS = 12


@dataclass(frozen=True)
class Receipt:
    """What a person keeps: where the record stands and the digest that proves it."""

    index: int
    count: int
    digest: str  # hex leaf hash of the first entry
    at: str
    stream: str


@dataclass(frozen=True)
class Handler:
    """How a kind of command is decided: `fold` makes the state, `decide` the events."""

    fold: Callable[[History], Any]
    decide: Callable[[Any, Any, datetime], tuple[Event, ...]]


@dataclass(frozen=True)
class Recorder:
    log: Log
    keyring: Keyring
    projection: Projection
    clock: Clock
    handlers: Mapping[type, Handler]
    release: Callable[[], None]  # ends the request's read transaction: none is open in an append

    def record(self, command: Any, *, by: str, command_id: str) -> Receipt:
        """Record what the command leads to; the answer comes after it is durable and projected.

        Raises Refused, BadInput, or Unconfirmed when the store did not answer.
        """
        self.release()
        try:
            entries = self._append(command, by, command_id)
        except (StreamMoved, LedgerError) as error:
            raise Unconfirmed from error
        self.projection.reach(entries[-1].index + 1)
        return receipt_of(entries)

    def _append(self, command: Any, by: str, command_id: str) -> tuple[Entry, ...]:
        for _attempt in range(ATTEMPTS):
            # Asked each time: another process may have recorded this very command meanwhile.
            if recorded := self.log.recorded(command_id):
                return recorded
            history = self.projection.stream(command.stream)
            try:
                events = self._decide(command, history)
            except PortalError:
                if not self._moved(command.stream, history):
                    raise
                continue
            try:
                return self._write(command, history, events, by, command_id)
            except StreamMoved:
                self.projection.catch_up()
        raise Refused(_("刚刚有人更新了这件事。请看过新内容再提交，你写的已保留。"))

    def _decide(self, command: Any, history: History) -> tuple[Event, ...]:
        handler = self.handlers[type(command)]
        return handler.decide(handler.fold(history), command, self.clock.now())

    def _moved(self, stream: str, history: History) -> bool:
        self.projection.catch_up()
        return self.projection.stream(stream).head != history.head

    def _write(
        self,
        command: Any,
        history: History,
        events: tuple[Event, ...],
        by: str,
        command_id: str,
    ) -> tuple[Entry, ...]:
        kid = history.kid or getattr(command, "kid", None)
        key = self.keyring.find(kid) if kid else self.keyring.make()
        at = stamp(self.clock.now())
        drafts = [_draft(event, by, at) for event in events]
        try:
            return self.log.append_sealed(
                command.stream, history.head, drafts, key=command_id, data_key=key
            )
        except TooLarge as error:
            raise BadInput("text", _("内容太长，无法记录")) from error


def receipt_of(entries: tuple[Entry, ...]) -> Receipt:
    first = entries[0]
    at = read_content(first).at
    return Receipt(first.index, len(entries), first.leaf_hash.hex(), at, first.stream)


def _draft(event: Event, by: str, at: str) -> Draft:
    return Draft(
        type=code_of(event),
        at=at,
        fields={"by": by, **fields_of(event)},
        blobs=tuple(sorted(_blobs(event))),
    )


def _blobs(value: object) -> set[str]:
    """Every file that an event names, at any depth, so that the log can miss it."""
    if isinstance(value, FileRef):
        return {value.blob}
    if isinstance(value, tuple):
        return {blob for item in value for blob in _blobs(item)}
    fields = getattr(value, "__struct_fields__", ())
    return {blob for name in fields for blob in _blobs(getattr(value, name))}
