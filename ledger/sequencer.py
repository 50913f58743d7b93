"""The one place where entries get their order: group commit without a lock server.

Between processes the create-only key `commit/<n>` decides. Within a process whoever gets the
lock leads: it takes those who wait and commits them together, so a lone append goes out at
once and a crowd shares one write. No thread of its own, nothing when idle.

A lost race costs one read: the winner's commit is applied, every request is looked at again,
and what still fits is tried at the next number. An entry does not contain its index, so
nothing has to be made anew. Who keeps losing, or knows that somebody else is at it, hands its
entries over (inbox.py) and waits to see them in the log; whoever wins commits for all.

Leading is written down as steps: a generator that hands out each call that may take long and
is sent its result. `run` performs them in place; futures.py performs them beside an event
loop, which then does all the rest itself.
"""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from functools import partial
from threading import Lock
from typing import Any, TypeAlias, TypeVar

from ledger.chains import Span
from ledger.commit import Commit, write_commit
from ledger.crowd import Crowd
from ledger.entry import PLAIN, command_digest
from ledger.errors import (
    Busy,
    LedgerError,
    StoreError,
    StreamMoved,
    Unconfirmed,
    VerificationError,
)
from ledger.inbox import Inbox
from ledger.mapproof import MAP_STREAM, MapProof, format_map_root
from ledger.replica import Placed, Replica
from ledger.request import Request
from ledger.stores.store import Store

T = TypeVar("T")
# Yields what may take long, is sent what it returned, and ends with a result.
Steps: TypeAlias = Generator[Callable[[], Any], Any, T]

# Bounds memory and the time of one write. A single command is never split, so a commit can
# exceed it by the size of one command.
MAX_GROUP_BYTES = 4 << 20
# What may wait for its turn in memory. Beyond it callers are told to come again.
MAX_WAITING_BYTES = 64 << 20
# Each lost race means that somebody else got ahead; this many in a row is not bad luck.
MAX_RACES = 100
# A race may be lost by chance once; then somebody is faster.
_RACES_BEFORE_HANDING_OVER = 2
# So often in a row one looks for what one handed over and nothing at all was committed, each
# time after twice the pause: then whoever was writing is gone.
_QUIET_LOOKS = 5
# So often in all: whoever takes in what others left may have lost the race for it.
_LOOKS = 32


class Sequencer:
    """Owns the right to change the replica; `leading` is held by whoever does."""

    def __init__(self, store: Store, replica: Replica, crowd: Crowd | None = None) -> None:
        self._store = store
        self._replica = replica
        self._writer = secrets.token_hex(8)
        self._crowd = crowd or Crowd()
        self._inbox = Inbox(store, self._writer)
        self.leading = Lock()
        self._waiting: deque[Request] = deque()
        self._entering = Lock()  # guards the number of bytes that wait
        self._waiting_bytes = 0

    @property
    def is_idle(self) -> bool:
        """Whether nobody waits."""
        return not self._waiting

    def submit(self, request: Request) -> Span:
        """Commit a request, together with all that wait; returns once it is durable."""
        self.enter(request)
        with self.leading:
            while not request.settled:
                run(self.lead())
        return request.outcome()

    def submit_all(self, requests: Iterable[Request]) -> None:
        """Commit many of one caller; each is settled when this returns."""
        requests = deque(requests)
        with self.leading:
            while requests:
                run(self._settle_all(_group(requests)))

    def enter(self, request: Request) -> None:
        """Let a request wait; Busy if too much does."""
        with self._entering:
            if self._waiting_bytes > MAX_WAITING_BYTES:
                raise Busy(f"{len(self._waiting)} appends are waiting: try again in a moment")
            self._waiting_bytes += request.size
            self._waiting.append(request)

    def lead(self) -> Steps[None]:
        """Commit what waits, as much as one commit may hold; `leading` must be held."""
        with self._entering:
            batch = _group(self._waiting)
            self._waiting_bytes -= sum(request.size for request in batch)
        yield from self._settle_all(batch)

    def commit_map(self) -> None:
        """State the map of all entries in the log, unless the last entry does just that."""
        with self.leading:
            run(self._commit_map())

    def prove(self, stream: str) -> tuple[int, MapProof] | None:
        """Do so, and prove what it says of a stream; None in an empty log."""
        with self.leading:  # until the proof is made no other map may take the place of this
            run(self._commit_map())
            return self._replica.map_proof(stream)

    def catch_up(self) -> int:
        """Apply what other processes committed; returns the size."""
        with self.leading:
            return self._catch_up()

    def _settle_all(self, batch: Sequence[Request]) -> Steps[None]:
        try:
            yield from self._settle(batch)
        except StoreError as error:
            _fail(batch, Unconfirmed, f"the store could not confirm: {error}")
        except VerificationError as error:
            _fail(batch, VerificationError, str(error))
        finally:
            # Whatever else stopped the leader: those behind it must not take silence for
            # an answer.
            _fail(batch, Unconfirmed, "the append was interrupted")
            for request in batch:
                if request.done is not None:
                    request.done(request)

    def _settle(self, batch: Sequence[Request]) -> Steps[None]:
        fresh, lost = False, 0  # fresh: nothing was committed that we have not applied
        if self._crowd.is_here and self._crowd.is_behind:
            yield from self._hand_over(self._unrecorded(batch))
        while waiting := self._unrecorded(batch):
            ready = self._choose(waiting)
            if ready and not (yield from self._commit_with_guests(ready)):
                lost += 1
                yield from self._after_lost_race(lost)
            elif not ready and not fresh:  # a refusal must not rest on old knowledge
                yield self._catch_up
            elif not ready:
                self._refuse(waiting)
            fresh = True
            if lost and lost % _RACES_BEFORE_HANDING_OVER == 0:
                yield from self._hand_over(self._unrecorded(batch))

    def _hand_over(self, waiting: Sequence[Request]) -> Steps[None]:
        """Let somebody else commit these; returns when that is done or nobody does it."""
        if not waiting:
            return
        key, quiet = (yield partial(self._inbox.leave, waiting)), 0
        for _ in range(_LOOKS):
            if quiet == _QUIET_LOOKS or not self._may_come_true(waiting):
                break
            yield partial(time.sleep, self._crowd.write_seconds * 2**quiet)
            known = self._replica.size
            quiet = 0 if (yield self._catch_up) > known else quiet + 1
        yield partial(self._inbox.clear, [key])

    def _may_come_true(self, waiting: Sequence[Request]) -> bool:
        """Whether some are not recorded, and their streams have not gone on without them."""
        unrecorded = self._unrecorded(waiting)
        heads = self._replica.heads({request.stream for request in unrecorded})
        return any(heads[each.stream].length <= each.expected.length for each in unrecorded)

    def _commit_with_guests(self, ready: Sequence[Request]) -> Steps[bool]:
        """Commit these, and what others left in the inbox."""
        if not self._crowd.may_wait:
            return (yield from self._commit(ready))
        # Commits that many share are fewer, and everybody has to read each of them.
        yield partial(time.sleep, self._crowd.gathering_seconds)
        wishes = yield self._inbox.take
        self._crowd.looked(len(wishes))
        guests = self._unrecorded([each for wish in wishes for each in wish.requests])
        if not (yield from self._commit(self._choose([*ready, *guests]))):
            self._inbox.take_again()
            return False
        yield self._inbox.tidy
        return True

    def _unrecorded(self, batch: Iterable[Request]) -> list[Request]:
        """Those that are not settled, after settling those whose command is in the log."""
        waiting = [request for request in batch if not request.settled]
        spans = self._replica.commands([request.command for request in waiting])
        for request, span in zip(waiting, spans, strict=True):
            request.span = span
        return [request for request in waiting if request.span is None]

    def _choose(self, waiting: Sequence[Request]) -> list[Request]:
        """Those whose stream is where they expect it, each command once."""
        chosen: list[Request] = []
        heads = self._replica.heads({request.stream for request in waiting})
        commands: set[bytes] = set()
        for request in waiting:
            if heads[request.stream] == request.expected and request.command not in commands:
                chosen.append(request)
                heads[request.stream] = request.head_after
                commands.add(request.command)
        return chosen

    def _commit(self, ready: Sequence[Request]) -> Steps[bool]:
        self._replica.mend()
        entries = [raw for request in ready for raw in request.entries]
        leaves = [leaf for request in ready for leaf in request.leaves]
        nonce = self._writer + secrets.token_hex(8)
        commit, growth = write_commit(self._replica.tip, entries, leaves, nonce)
        start = time.monotonic()
        if not (yield partial(self._store.create, commit.key, commit.raw, keep=True)):
            return False
        self._crowd.committed(time.monotonic() - start)
        self._replica.accept(commit, growth, list(_place(commit, ready)))
        return True

    def _commit_map(self) -> Steps[None]:
        lost = 0
        while (root := (yield self._caught_up_root)) is not None:
            command = command_digest(f"{MAP_STREAM} {self._replica.size}")
            head = self._replica.head(MAP_STREAM)
            request = Request(MAP_STREAM, head, [format_map_root(root)], command, PLAIN)
            if not (yield from self._commit([request])):
                lost += 1
                yield from self._after_lost_race(lost)

    def _caught_up_root(self) -> bytes | None:
        self._catch_up()
        return self._replica.map_root()

    def _catch_up(self) -> int:
        self._replica.mend()
        return self._replica.catch_up(self._heard)

    def _heard(self, commit: Commit) -> None:
        self._crowd.is_behind = commit.header.writer != self._writer
        if self._crowd.is_behind:
            self._crowd.heard()

    def _after_lost_race(self, lost: int) -> Steps[None]:
        if lost >= MAX_RACES:
            raise StoreError(f"{lost} commits in a row were lost to other writers")
        yield self._catch_up

    def _refuse(self, waiting: Iterable[Request]) -> None:
        for request in waiting:
            head = self._replica.head(request.stream)
            request.error = StreamMoved(request.stream, head)


def run(steps: Steps[T]) -> T:
    """Perform steps one after the other; what one raises is raised where it was asked for."""
    try:
        step = next(steps)
        while True:
            try:
                result = step()
            except BaseException as error:  # noqa: BLE001 - it is for the steps to decide
                step = steps.throw(error)
            else:
                step = steps.send(result)
    except StopIteration as end:
        found: T = end.value
        return found


def _group(waiting: deque[Request]) -> list[Request]:
    """Take as many from the front as one commit may hold."""
    group: list[Request] = []
    room = MAX_GROUP_BYTES
    while waiting and room > 0:
        group.append(waiting.popleft())
        room -= group[-1].size
    return group


def _place(commit: Commit, ready: Iterable[Request]) -> Iterable[Placed]:
    first = commit.header.first
    for request in ready:
        request.span = Span(request.command, first, len(request.entries))
        request.written = True
        yield Placed(request.span, request.stream, request.head_after)
        first += len(request.entries)


def _fail(batch: Iterable[Request], kind: type[LedgerError], reason: str) -> None:
    for request in batch:
        if not request.settled:
            request.error = kind(reason)  # each its own: it may be raised in many threads
