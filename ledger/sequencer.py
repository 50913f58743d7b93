"""The one place where entries get their order: group commit without a lock server.

Between processes the create-only key `commit/<n>` decides. Within a process whoever gets
the lock leads: it takes everybody who waits and commits them together, so a lone append
goes out at once and a crowd shares one write. No thread of its own, nothing when idle.

A lost race costs one read: the winner's commit is applied, every request is looked at
again, and what still fits is tried at the next number. An entry does not contain its
index, so nothing has to be sealed anew.
"""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock

from ledger.commit import write_commit
from ledger.entry import Head
from ledger.errors import LedgerError, StoreError, StreamMoved, Unconfirmed
from ledger.index import Span
from ledger.merkle import leaf_digest
from ledger.replica import Replica
from ledger.store import Store

# Bounds memory and the time of one write. A single command is never split, so a commit can
# exceed it by the size of one command.
MAX_GROUP_BYTES = 4 << 20
# Each lost race means that somebody else got ahead; this many in a row is not bad luck.
MAX_RACES = 100
_LONGEST_PAUSE_MICROSECONDS = 50_000


@dataclass
class Request:
    """Entries that wait for their place, and what became of them."""

    stream: str
    expected: Head
    command: bytes
    entries: tuple[bytes, ...]
    span: Span | None = None
    error: LedgerError | None = None

    @property
    def settled(self) -> bool:
        return self.span is not None or self.error is not None

    @property
    def head_after(self) -> Head:
        return Head(self.expected.length + len(self.entries), leaf_digest(self.entries[-1]))

    @property
    def size(self) -> int:
        return sum(map(len, self.entries))

    def outcome(self) -> Span:
        """Where the entries are, or the error that kept them out."""
        if self.span is None:
            raise self.error or Unconfirmed("the append was interrupted")
        return self.span


class Sequencer:
    """Owns the right to change the replica; `_leading` is held by whoever does."""

    def __init__(self, store: Store, replica: Replica) -> None:
        self._store = store
        self._replica = replica
        self._leading = Lock()
        self._waiting: deque[Request] = deque()

    def submit(self, request: Request) -> Span:
        """Commit a request, together with all that wait; returns once it is durable."""
        self._waiting.append(request)
        with self._leading:
            if not request.settled:
                self._lead()
        return request.outcome()

    def catch_up(self) -> int:
        """Apply what other processes committed; returns the size."""
        with self._leading:
            return self._replica.catch_up()

    def _lead(self) -> None:
        batch = [self._waiting.popleft() for _ in range(len(self._waiting))]
        try:
            self._settle(batch)
        except StoreError as error:
            _fail(batch, f"the store could not confirm: {error}")
        finally:
            # Whatever else stopped the leader: those behind it must not take silence for
            # an answer.
            _fail(batch, "the append was interrupted")

    def _settle(self, batch: Sequence[Request]) -> None:
        fresh, lost = False, 0  # fresh: nothing was committed that we have not applied
        while waiting := [each for each in batch if not self._is_recorded(each)]:
            ready = self._choose(waiting)
            if ready and not self._commit(ready):
                lost += 1
                self._after_lost_race(lost)
            elif not ready and not fresh:  # a refusal must not rest on old knowledge
                self._replica.catch_up()
            elif not ready:
                self._refuse(waiting)
            fresh = True

    def _is_recorded(self, request: Request) -> bool:
        if not request.settled:
            request.span = self._replica.command(request.command)
        return request.settled

    def _choose(self, waiting: Iterable[Request]) -> list[Request]:
        """Those whose stream is where they expect it, one command and one stream at a time."""
        chosen: list[Request] = []
        heads: dict[str, Head] = {}
        commands: set[bytes] = set()
        room = MAX_GROUP_BYTES
        for request in waiting:
            head = heads.get(request.stream) or self._replica.head(request.stream)
            if room > 0 and head == request.expected and request.command not in commands:
                chosen.append(request)
                heads[request.stream] = request.head_after
                commands.add(request.command)
                room -= request.size
        return chosen

    def _commit(self, ready: Sequence[Request]) -> bool:
        entries = [raw for request in ready for raw in request.entries]
        commit = write_commit(self._replica.tip, entries, secrets.token_hex(16))
        if not self._store.create(commit.key, commit.raw):
            return False
        self._replica.apply(commit)
        return True

    def _after_lost_race(self, lost: int) -> None:
        self._replica.catch_up()
        if lost >= MAX_RACES:
            raise StoreError(f"{lost} commits in a row were lost to other writers")
        if lost > 1:  # uneven pauses: equal ones would meet at the next number again
            longest = min(_LONGEST_PAUSE_MICROSECONDS, 1000 << lost)
            time.sleep(secrets.randbelow(longest) / 1_000_000)

    def _refuse(self, waiting: Iterable[Request]) -> None:
        for request in waiting:
            head = self._replica.head(request.stream)
            request.error = StreamMoved(request.stream, head)


def _fail(batch: Iterable[Request], reason: str) -> None:
    for request in batch:
        if not request.settled:
            request.error = Unconfirmed(reason)
