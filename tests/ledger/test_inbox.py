"""Entries handed over come true once or not at all; what lies there by mistake harms nobody."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from ledger import EMPTY, PLAIN, Entry, Head, Log, StoreUnavailable
from ledger.checking.fsck import fsck, is_sound
from ledger.crowd import Crowd
from ledger.entry import command_digest
from ledger.inbox import INBOX, Inbox
from ledger.request import Request
from ledger.tiles import join_entries
from tests.ledger.builders import SIGNER, a_log
from tests.ledger.fakes import FailingStore
from tests.ledger.forging import an_entry
from tests.ledger.memory import MemoryStore

OWNER = "f" * 16


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def log(store: MemoryStore) -> Log:
    """One that has just heard of others."""
    log = a_log(store)
    log.sequencer._crowd.heard()
    return log


def a_wish(stream: str = "case/1", key: str = "wish", expected: Head = EMPTY) -> Request:
    return Request(stream, expected, [b"please", b"do"], command_digest(key), PLAIN)


def commit(log: Log, number: int = 0) -> tuple[Entry, ...]:
    log.sequencer._crowd.heard()
    return log.append(f"other/{number}", EMPTY, [b"mine"], key=f"mine {number}")


def wishes(store: MemoryStore) -> list[str]:
    return list(store.keys(INBOX))


def test_whoever_commits_takes_in_what_others_left(store: MemoryStore, log: Log) -> None:
    Inbox(store, OWNER).leave([a_wish(), a_wish("case/2", "another")])
    commit(log)
    assert len(list(store.keys("commit/"))) == 1
    assert [entry.payload for entry in log.stream_entries("case/1")] == [b"please", b"do"]
    assert log.append("case/9", EMPTY, [b"x"], key="another") == log.stream_entries("case/2")
    assert is_sound(fsck(store, SIGNER.vkey))


def test_what_a_dead_writer_left_is_cleared_away_and_counts_once(
    store: MemoryStore, log: Log
) -> None:
    Inbox(store, OWNER).leave([a_wish()])
    for number in range(4):
        commit(log, number)
    assert wishes(store) == []
    assert log.size == 2 + 4
    assert is_sound(fsck(store, SIGNER.vkey))


def test_what_no_longer_fits_is_dropped(store: MemoryStore, log: Log) -> None:
    log.append("case/1", EMPTY, [b"first"], key="first")
    Inbox(store, OWNER).leave([a_wish(), a_wish("case/2", "first")])
    for number in range(4):
        commit(log, number)
    assert log.head("case/1").length == 1
    assert log.head("case/2") == EMPTY, "the key was used before"
    assert wishes(store) == []


FIRST = an_entry("case/1", key="x", part="1/2")
JUNK = {
    "nothing": b"",
    "junk": b"junk",
    "half a frame": b"\xff\xff{",
    "no entry": join_entries([b"no entry"]),
    "half a command": join_entries([FIRST]),
    "a command without its beginning": join_entries([an_entry("case/1", part="2/2")]),
    "parts that do not belong together": join_entries([FIRST, an_entry("case/2", part="2/2")]),
    "a gap": join_entries([an_entry("case/1", 7, bytes(32))]),
    "a map": join_entries([an_entry("ledger/map", payload=b"mingan/map/v1\n")]),
    "what the ledger keeps": join_entries([an_entry("ledger/store", payload=b"all is well")]),
    "a command twice": join_entries([an_entry("case/1", key="x"), an_entry("case/2", key="x")]),
}


@pytest.mark.parametrize("what", JUNK)
def test_what_is_no_wish_harms_nobody(store: MemoryStore, log: Log, what: str) -> None:
    store.create(f"{INBOX}{OWNER}{'0' * 16}", JUNK[what])
    for number in range(4):
        commit(log, number)
    log.publish()
    assert wishes(store) == []
    assert a_log(store).head("other/3").length == 1
    assert is_sound(fsck(store, SIGNER.vkey))


def test_a_thousand_wishes_are_taken_in_some_at_a_time(store: MemoryStore, log: Log) -> None:
    owner = Inbox(store, OWNER)
    for number in range(100):
        owner.leave([a_wish(f"case/{number}", f"wish {number}")])
    for number in range(16):
        commit(log, number)
    assert all(log.head(f"case/{number}").length == 2 for number in range(100))
    assert wishes(store) == []


def test_writers_that_hand_over_to_each_other_lose_and_repeat_nothing(store: MemoryStore) -> None:
    """Eight writers on a store as slow as a real one: most hand over, few race."""

    class Slow(FailingStore):
        def create(self, key: str, content: bytes, *, keep: bool = False) -> bool:
            time.sleep(0.002)
            return super().create(key, content, keep=keep)

    def write(name: int) -> None:
        log = a_log(Slow(store))
        for number in range(15):
            entry = log.append(f"case/{name}", log.head(f"case/{name}"), [b"%d" % number],
                               key=f"{name} {number}")[0]  # fmt: skip
            assert entry.payload == b"%d" % number

    threads = [threading.Thread(target=write, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    log = a_log(store)
    assert log.size == 8 * 15
    for name in range(8):
        entries = log.stream_entries(f"case/{name}")
        assert [entry.payload for entry in entries] == [b"%d" % number for number in range(15)]
    assert is_sound(fsck(store, SIGNER.vkey))


class Unlistable(MemoryStore):
    """Keeps commits, but will have nothing to do with an inbox."""

    def create(self, key: str, content: bytes, *, keep: bool = False) -> bool:
        self._refuse(key)
        return super().create(key, content, keep=keep)

    def keys(self, prefix: str, after: str = "") -> Iterator[str]:
        self._refuse(prefix)
        return super().keys(prefix, after)

    def delete(self, key: str) -> None:
        self._refuse(key)

    def _refuse(self, key: str) -> None:
        if key.startswith(INBOX):
            raise StoreUnavailable("no inbox here")


def test_without_an_inbox_appends_still_succeed() -> None:
    store = Unlistable()
    one, two = a_log(store), a_log(store)
    for number in range(10):
        for log in (one, two):
            log.append(f"case/{id(log)}/{number}", EMPTY, [b"x"], key=f"{id(log)} {number}")
            log.sequencer._crowd.heard()
    assert one.catch_up() == 20


def test_nobody_waits_for_ever_for_whoever_took_its_wish_and_lost_it(store: MemoryStore) -> None:
    """Others go on committing and never take it in: it races again after a while."""
    log, stop = a_log(store), threading.Event()

    def others() -> None:
        other, number = a_log(store), 0
        other.sequencer._inbox.take = list  # type: ignore[method-assign]
        while not stop.is_set():
            other.append(f"other/{number}", EMPTY, [b"x"], key=f"other {number}")
            number += 1

    thread = threading.Thread(target=others)
    thread.start()
    try:
        for number in range(3):
            log.append(f"case/{number}", EMPTY, [b"x"], key=f"mine {number}")
    finally:
        stop.set()
        thread.join(120)
    assert wishes(store) == []


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_others_are_noticed_and_forgotten() -> None:
    clock = Clock()
    crowd = Crowd(clock)
    assert not crowd.is_here
    crowd.heard()
    assert crowd.is_here
    clock.now += 60
    assert not crowd.is_here


def test_who_is_alone_looks_now_and_then() -> None:
    crowd, looks = Crowd(Clock()), 0
    for _ in range(160):
        crowd.committed(0.001)
        if crowd.may_wait:
            looks += 1
            crowd.looked(0)
    assert looks == 10


@pytest.mark.parametrize("step", [0.0, -1.0, 1e9])
def test_with_a_lying_clock_everything_is_recorded_once(store: MemoryStore, step: float) -> None:
    clock = Clock()
    one, two = a_log(store), a_log(store)
    for log in (one, two):
        log.sequencer._crowd = Crowd(clock)
    for number in range(10):
        for log in (one, two):
            key = f"{id(log)}/{number}"
            log.append(f"case/{key}", EMPTY, [b"x"], key=key)
            clock.now += step
    assert one.catch_up() == 20
    assert is_sound(fsck(store, SIGNER.vkey))
