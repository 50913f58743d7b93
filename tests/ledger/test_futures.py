"""Appending from asyncio: thousands wait together, each hears exactly what became of its own."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ledger import (
    EMPTY,
    AsyncLog,
    Busy,
    Entry,
    EntryTooLarge,
    StoreUnavailable,
    StreamMoved,
    Unconfirmed,
    VerificationError,
)
from ledger.checking.fsck import fsck, is_sound
from tests.ledger.builders import SIGNER, a_log
from tests.ledger.fakes import FailingStore
from tests.ledger.forging import an_entry, forge
from tests.ledger.memory import MemoryStore


class SlowStore(MemoryStore):
    """Every commit takes as long as the test wants."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.02
        self.begun = threading.Event()
        self.held = threading.Event()
        self.held.set()

    def create(self, key: str, content: bytes, *, keep: bool = False) -> bool:
        if key.startswith("commit/"):
            self.begun.set()
            time.sleep(self.seconds)
            assert self.held.wait(120)
        return super().create(key, content, keep=keep)


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """With an end: a task that nobody wakes must fail the test, not stop it."""
    # In a thread of its own: browser tests of the same run keep a loop in the main one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asyncio.wait_for(work, 240)).result()


@pytest.fixture
def store() -> SlowStore:
    return SlowStore()


def test_1024_tasks_share_a_few_commits(store: SlowStore) -> None:
    log = a_log(store)

    async def work() -> list[tuple[Entry, ...]]:
        futures = AsyncLog(log)

        async def client(number: int) -> tuple[Entry, ...]:
            first = await futures.append(f"case/{number}", EMPTY, [b"1"], key=f"{number} first")
            return await futures.append(
                f"case/{number}", first[0].head, [b"2", b"3"], key=f"{number} then"
            )

        return await asyncio.gather(*(client(number) for number in range(1024)))

    placed = run(work())
    assert log.size == 3 * 1024
    assert len(list(store.keys("commit/"))) < 60
    again = a_log(store)
    assert all(again.recorded(f"{n} then") == entries for n, entries in enumerate(placed))
    assert is_sound(fsck(store, SIGNER.vkey))


def test_a_cancelled_task_stops_nobody_else(store: SlowStore) -> None:
    log = a_log(store)
    store.held.clear()

    async def work() -> list[Any]:
        futures = AsyncLog(log)
        tasks = [
            asyncio.create_task(futures.append(f"case/{n}", EMPTY, [b"x"], key=f"{n}"))
            for n in range(40)
        ]
        await asyncio.to_thread(store.begun.wait, 120)
        for task in tasks[::2]:
            task.cancel()
        store.held.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    outcomes = run(work())
    assert all(isinstance(each, asyncio.CancelledError) for each in outcomes[::2])
    for number, each in list(enumerate(outcomes))[1::2]:
        assert each[0].stream == f"case/{number}"
    assert is_sound(fsck(store, SIGNER.vkey))


def test_a_loop_that_ends_in_the_middle_leaves_a_log_that_goes_on(store: SlowStore) -> None:
    log = a_log(store)
    store.held.clear()

    async def work() -> None:
        futures = AsyncLog(log)
        tasks = [
            asyncio.create_task(futures.append(f"case/{n}", EMPTY, [b"x"], key=f"{n}"))
            for n in range(3)
        ]
        await asyncio.to_thread(store.begun.wait, 120)
        for task in tasks:
            task.cancel()
        store.held.set()

    run(work())
    placed = log.append("case/0", EMPTY, [b"again"], key="0")
    assert placed[0].payload == b"x", "the first commit was under way"
    assert is_sound(fsck(store, SIGNER.vkey))


def test_a_loop_that_ends_while_it_leads_does_not_fail_the_appends_of_threads(
    store: SlowStore,
) -> None:
    log, failed = a_log(store), list[BaseException]()
    store.seconds = 0.01

    def in_a_thread(name: int) -> None:
        try:
            for number in range(12):
                log.append(f"thread/{name}/{number}", EMPTY, [b"x"], key=f"{name} {number}")
        except BaseException as error:  # noqa: BLE001 - the test shows it
            failed.append(error)

    threads = [threading.Thread(target=in_a_thread, args=(name,)) for name in range(3)]
    for thread in threads:
        thread.start()
    for number in range(12):
        run(AsyncLog(log).append(f"task/{number}", EMPTY, [b"x"], key=f"task {number}"))
    for thread in threads:
        thread.join(120)
    assert failed == []
    assert log.size == 3 * 12 + 12


def test_each_hears_its_own_refusal(store: SlowStore) -> None:
    log = a_log(store)
    head = log.append("case/1", EMPTY, [b"x"], key="first")[0].head

    async def work() -> list[Any]:
        futures = AsyncLog(log)
        with pytest.raises(ValueError, match="ledger/"):
            await futures.append("ledger/map", EMPTY, [b"x"], key="k")
        with pytest.raises(EntryTooLarge):
            await futures.append("case/1", EMPTY, [bytes(70_000)], key="k")
        return await asyncio.gather(
            futures.append("case/1", EMPTY, [b"late"], key="late"),
            futures.append("case/1", head, [b"in time"], key="in time"),
            futures.append("case/1", head, [b"too many"], key="too many"),
            futures.append("case/9", EMPTY, [b"whatever"], key="first"),
            futures.append("case/1", head, [b"twice"], key="in time"),
            return_exceptions=True,
        )

    late, in_time, too_many, first, twice = run(work())
    assert isinstance(late, StreamMoved)
    assert isinstance(too_many, StreamMoved)
    assert in_time == twice
    assert in_time[0].payload == b"in time"
    assert first == log.recorded("first"), "read back from the store"


def test_what_was_recorded_before_is_read_back(store: SlowStore) -> None:
    before = a_log(store).append("case/1", EMPTY, [b"x", b"y"], key="press")
    assert run(AsyncLog(a_log(store)).append("case/1", EMPTY, [b"z"], key="press")) == before


def test_whoever_finds_too_much_waiting_is_told_at_once(
    store: SlowStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.sequencer.MAX_WAITING_BYTES", 4000)
    log = a_log(store)
    store.held.clear()

    async def work() -> list[Any]:
        futures = AsyncLog(log)
        tasks = [
            asyncio.create_task(futures.append(f"case/{n}", EMPTY, [bytes(400)], key=f"{n}"))
            for n in range(50)
        ]
        while sum(task.done() for task in tasks) <= 20:  # they need not wait for the store
            await asyncio.sleep(0.01)
        store.held.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    outcomes = run(work())
    refused = [n for n, each in enumerate(outcomes) if isinstance(each, Busy)]
    assert 20 < len(refused) < 50
    assert all(log.recorded(f"{n}") is None for n in refused)
    assert log.size == 50 - len(refused)


def test_after_the_store_was_away_tasks_are_served_again() -> None:
    store = FailingStore(MemoryStore())
    log = a_log(store)

    async def work() -> tuple[Entry, ...]:
        futures = AsyncLog(log)
        for when in ("before", "after"):
            store.fail_at_call(1, when, StoreUnavailable)
            with pytest.raises(Unconfirmed):
                await futures.append("case/1", EMPTY, [b"x"], key="press")
        return await futures.append("case/1", EMPTY, [b"x"], key="press")

    assert run(work())[0].index == 0
    assert log.size == 1


def test_a_log_that_can_no_longer_be_followed_leaves_nobody_waiting() -> None:
    store = MemoryStore()
    log = a_log(store)
    forge(store, an_entry(seq=7, prev=bytes(32)))

    async def work() -> list[Any]:
        futures = AsyncLog(log)
        for _ in range(2):
            found = await asyncio.gather(
                *(futures.append(f"case/{n}", EMPTY, [b"x"], key=f"{n}") for n in range(5)),
                return_exceptions=True,
            )
            assert all(isinstance(each, VerificationError) for each in found)
        return found

    assert len(run(work())) == 5


def test_threads_and_tasks_append_to_one_log(store: SlowStore) -> None:
    log = a_log(store)
    store.seconds = 0.001

    def in_a_thread(name: int) -> None:
        for number in range(20):
            log.append(f"thread/{name}/{number}", EMPTY, [b"x"], key=f"t {name} {number}")

    async def work() -> None:
        futures = AsyncLog(log)
        for number in range(10):
            await asyncio.gather(
                *(
                    futures.append(f"task/{number}/{n}", EMPTY, [b"x"], key=f"a {number} {n}")
                    for n in range(20)
                )
            )

    threads = [threading.Thread(target=in_a_thread, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    run(work())
    for thread in threads:
        thread.join(120)
    assert log.size == 80 + 200
    assert is_sound(fsck(store, SIGNER.vkey))
