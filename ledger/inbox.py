"""Handing entries over to whoever is writing: many writers, one of whom commits for all.

    inbox/<16 hex digits of the writer><16 of a number>    whole commands, framed as in a bundle

An entry does not say who commits it nor at which index, so a writer that was too slow leaves
its entries here and waits to see them in the log. Whoever wins commits takes in what lies
here, and clears it away. There is no election and no lease: if nobody commits for a while,
everybody tries again, and the create-only key decides.

Safe against everything that can happen here, because a wish is checked like one's own: what
is recorded already is not recorded again, what does not continue its stream is dropped, what
is no entry is thrown away. A wish left by a dead process may still come true: its owner was
told that nothing is certain.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from ledger.entry import OWN, Header, read_header
from ledger.errors import NotStored, StoreError, VerificationError
from ledger.request import Request
from ledger.stores.store import Store
from ledger.tiles import join_entries, split_entries

INBOX = "inbox/"
# So many wishes are taken in with one commit; the others keep until the next.
_AT_ONCE = 32
_ROOM_BYTES = 4 << 20


@dataclass(frozen=True)
class Wish:
    """Entries that lie in the inbox. None of them if what lies there is no wish."""

    key: str
    requests: tuple[Request, ...]


class Inbox:
    """The inbox of a store, for one writer. Not thread-safe: sequencer.py guards it."""

    def __init__(self, store: Store, writer: str) -> None:
        self._store = store
        self._own = f"{INBOX}{writer}"
        self._taken: frozenset[str] = frozenset()  # what we took in and then still saw
        self._left: list[str] = []  # those of them that were there once more

    def leave(self, requests: Iterable[Request]) -> str:
        """Hand requests over; returns the key under which they lie."""
        key = f"{self._own}{secrets.token_hex(8)}"
        entries = (raw for request in requests for raw in request.entries)
        with suppress(StoreError):  # then nobody will take them, and their owner does it
            self._store.create(key, join_entries(entries))
        return key

    def take(self) -> list[Wish]:
        """Wishes of others that are new; not all if they are many or large."""
        found, wishes = list[str](), list[Wish]()
        with suppress(StoreError):  # nobody's own entries shall wait for those of others
            keys = islice(self._store.keys(INBOX), _AT_ONCE)
            found = [key for key in keys if not key.startswith(self._own)]
            wishes = list(self._read(key for key in found if key not in self._taken))
        self._left = [key for key in found if key in self._taken]
        self._taken = frozenset([*self._left, *(wish.key for wish in wishes)])
        return wishes

    def take_again(self) -> None:
        """What was taken in last was not committed: it is new the next time."""
        self._taken = frozenset(self._left)

    def tidy(self) -> None:
        """Remove wishes that we took in before and whose owner did not clear them away."""
        self.clear(self._left)

    def clear(self, keys: Iterable[str]) -> None:
        """Remove wishes that came true or are tried in another way."""
        for key in keys:
            with suppress(StoreError):  # somebody else will, or it is taken in and counts once
                self._store.delete(key)

    def _read(self, keys: Iterable[str]) -> Iterator[Wish]:
        room = _ROOM_BYTES
        for key in keys:
            if room <= 0:
                return
            with suppress(NotStored):  # its owner has just cleared it away
                content = self._store.get(key)
                room -= len(content)
                yield Wish(key, _requests(content))


def _requests(content: bytes) -> tuple[Request, ...]:
    try:
        return tuple(map(_request, _commands(split_entries(content))))
    except VerificationError:
        return ()


def _commands(entries: Iterable[bytes]) -> list[list[tuple[Header, bytes]]]:
    """Entries with their headers, by command; VerificationError if one is no entry."""
    commands: list[list[tuple[Header, bytes]]] = []
    for raw in entries:
        header = read_header(raw)
        if header.part[0] == 1:
            commands.append([])
        if not commands:
            raise VerificationError("a wish that begins in the middle of a command")
        commands[-1].append((header, raw))
    return commands


def _request(parts: list[tuple[Header, bytes]]) -> Request:
    """One command as if its entries had been made here; VerificationError if they differ."""
    header, _ = parts[0]
    payloads = [raw[header.payload_at :] for header, raw in parts]
    request = Request(header.stream, header.expected, payloads, header.command, header.kid)
    if request.entries != [raw for _, raw in parts] or header.stream.startswith(OWN):
        raise VerificationError("a wish whose entries do not belong together")
    return request
