"""One request on its way through the simulator: fault, time, rules, log, answer."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from portal.simulator.faults import (
    BEFORE,
    DROPS,
    ERRORS,
    Dropped,
    Fault,
    Kind,
    has_fault,
    take_fault,
)
from portal.simulator.keys import Keys
from portal.simulator.settling import settle
from portal.simulator.store import Store, text_of

OTHER = "OTHER"  # neither asks for money nor for what became of it
_SLOW_SECONDS = 10.0


@dataclass(frozen=True)
class Ask:
    """A request whose sender is known. `number` is the client's own, where it names one."""

    provider: str
    kind: str
    number: str
    path: str
    content: bytes
    at: datetime

    @property
    def digest(self) -> str:
        return digest_of(self.content)


@dataclass(frozen=True)
class Reply:
    """An answer before its signature. `applied`: money was moved for this request; `forged`:
    somebody else is to sign it."""

    status: int
    body: bytes
    applied: bool = False
    forged: bool = False


class Refusal(Exception):
    """An answer that says no; nothing was done."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def digest_of(content: bytes) -> str:
    """Hex SHA-256."""
    return hashlib.sha256(content).hexdigest()


Act = Callable[[sqlite3.Connection, Fault | None], Reply]


def as_json(status: int, fields: dict[str, Any], applied: bool = False) -> Reply:
    """Compact JSON; Chinese stays Chinese, as providers send it."""
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    return Reply(status, text.encode(), applied)


@dataclass(frozen=True)
class Desk:
    """What every provider of one simulator works with."""

    store: Store
    keys: Keys
    now: Callable[[], datetime]

    def serve(self, ask: Ask, act: Act, broken: Reply, busy: Reply) -> Reply:
        """The answer to `ask`: what `act` does, unless a fault is to spoil it. `broken` is this
        provider's word for an error of its own, `busy` the one for too many requests.

        Raises Dropped when no answer is to reach the client.
        """
        try:
            fault = self._take(ask)
            if fault is not None and fault.kind is Kind.SLOW:
                time.sleep(fault.after(_SLOW_SECONDS))
            with self.store.transaction() as connection:
                reply = self._reply(connection, ask, act, fault, (broken, busy))
                _log(connection, ask, reply, fault)
        except sqlite3.OperationalError:  # locked or full: a provider's own bad day, nothing done
            return broken
        if fault is None:
            return reply
        if fault.kind in DROPS:
            raise Dropped("the line was cut")
        return broken if fault.kind in ERRORS else _spoiled(reply, fault.kind)

    def _take(self, ask: Ask) -> Fault | None:
        with self.store.reading() as connection:
            if not has_fault(connection):
                return None
        with self.store.transaction() as connection:
            return take_fault(connection, ask.provider, ask.kind, ask.number)

    def _reply(
        self,
        connection: sqlite3.Connection,
        ask: Ask,
        act: Act,
        fault: Fault | None,
        failures: tuple[Reply, Reply],
    ) -> Reply:
        if fault is not None and fault.kind in BEFORE:
            return failures[fault.kind is Kind.BUSY]
        settle(connection, self.now())
        try:
            return act(connection, fault)
        except Refusal as refusal:
            return refusal.reply


def _spoiled(reply: Reply, kind: Kind) -> Reply:
    if kind is Kind.GARBAGE:
        return replace(reply, body=reply.body[: len(reply.body) // 2])
    return replace(reply, forged=kind is Kind.WRONG_SIGNATURE)


def _log(connection: sqlite3.Connection, ask: Ask, reply: Reply, fault: Fault | None) -> None:
    connection.execute(
        "INSERT INTO asked (at, provider, kind, number, path, digest, applied, status, fault)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            text_of(ask.at),
            ask.provider,
            ask.kind,
            ask.number,
            ask.path,
            ask.digest,
            int(reply.applied),
            reply.status,
            fault.kind if fault else "",
        ),
    )
