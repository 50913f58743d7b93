"""Notices to the customer: signed when they are sent, and sent again until they are taken.

They go to the address that the settings name and nowhere else, whatever a request asked for.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx

from portal.simulator.bank import Move
from portal.simulator.outgoing import Queued, end_try, take_due
from portal.simulator.settings import NOTICES
from portal.simulator.settling import settle
from portal.simulator.store import read_switch
from portal.simulator.wire import Desk

_SECONDS = 5.0


@dataclass(frozen=True)
class Letter:
    """A notice as it is sent."""

    provider: str
    number: str
    url: str
    headers: dict[str, str]
    content: bytes


@dataclass(frozen=True)
class Draft:
    """Headers and content of one provider's notice, signed now."""

    headers: dict[str, str]
    content: bytes


# None where the provider has no notice of this event.
Write = Callable[[Move, Queued], Draft | None]
Taken = Callable[[int, bytes], bool]


@dataclass(frozen=True)
class Manner:
    """How one provider writes, and which answer it takes for a yes."""

    write: Write
    is_taken: Taken


@dataclass(frozen=True)
class Sender:
    desk: Desk
    manners: Mapping[str, Manner]

    def letter(self, connection: sqlite3.Connection, queued: Queued) -> Letter | None:
        """The notice, or None when there is nothing to tell or nowhere to tell it."""
        row = connection.execute("SELECT * FROM move WHERE id = ?", (queued.move_id,)).fetchone()
        move = Move(**dict(row))
        url = self._address(connection, move)
        draft = self.manners[move.provider].write(move, queued) if url else None
        if draft is None:
            return None
        return Letter(move.provider, move.number, url, draft.headers, draft.content)

    def push(self) -> int:
        """Send what is due; how many were taken."""
        with self.desk.store.transaction() as connection:
            settle(connection, self.desk.now())
            due = take_due(connection, self.desk.now())
            letters = [(queued, self.letter(connection, queued)) for queued in due]
        if not letters:  # a client of its own each second would cost more than everything else
            return 0
        with httpx.Client(timeout=_SECONDS, trust_env=False) as client:
            return sum(self._send(client, queued, letter) for queued, letter in letters)

    def _send(self, client: httpx.Client, queued: Queued, letter: Letter | None) -> bool:
        status, taken = 0, letter is None
        if letter is not None:
            try:
                answer = client.post(letter.url, content=letter.content, headers=letter.headers)
                status = answer.status_code
                taken = self.manners[letter.provider].is_taken(status, answer.content)
            except httpx.HTTPError:
                taken = False  # it is tried again, by the schedule
        provider = letter.provider if letter else "balance"
        with self.desk.store.transaction() as connection:
            end_try(connection, queued, provider, status, taken, self.desk.now())
        return taken and letter is not None

    def _address(self, connection: sqlite3.Connection, move: Move) -> str:
        base: str = read_switch(connection, NOTICES, "")
        own = f"{base}/notices/{move.provider}" if base else ""
        asked = move.notify_url
        return asked if own and asked.startswith(f"{base}/") else own


def is_ok(status: int, _content: bytes) -> bool:
    """Any 2xx."""
    return 200 <= status < 300
