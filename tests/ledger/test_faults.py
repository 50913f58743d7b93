"""Whatever fails at whichever call of the store: nothing acknowledged is lost or counts twice.

A short history of three commits and two publications is lived again and again; each time one
call of the store crashes, fails or is cut short, before or after it was carried out. After
recovery every acknowledged entry is there once, with the same index and receipt, the log
verifies, and no two checkpoints contradict each other.

Beside another writer every third call; with TEST_KILLS=all in the environment every one, and
every pair of calls of which one is overtaken and the other fails soon after.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger import EMPTY, Checkpoint, Entry, Log, Store, StoreUnavailable, Unconfirmed
from ledger.checking.fsck import fsck, is_sound
from ledger.errors import LedgerError
from ledger.merkle import verify_inclusion
from ledger.receipt import parse_receipt
from ledger.stores.folder import FolderStore
from tests.ledger.builders import SIGNER, a_log, a_store, append
from tests.ledger.fakes import READS, Crash, FailingStore, Truncated, When
from tests.ledger.memory import MemoryStore

ALL = os.environ.get("TEST_KILLS") == "all"
STEPS = ("first", "second", "publish", "third", "publish again")
Failure = type[BaseException]


class Life:
    """Steps taken at a log, and what its caller was told."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name
        self.log: Log | None = None
        self.acknowledged: dict[str, tuple[Entry, ...]] = {}
        self.checkpoints: list[Checkpoint] = []

    def take(self, step: str) -> None:
        self.log = self.log or a_log(self._store)
        if step.startswith("publish"):
            self.checkpoints.append(self.log.publish())
        else:
            key = f"{self._name} {step}"
            self.acknowledged[key] = append(self.log, f"case/{self._name}", 2, key=key)

    def take_whatever_happens(self, step: str) -> None:
        """Repeat what was not confirmed; after a crash in a new process."""
        for _ in range(4):
            try:
                return self.take(step)
            except LedgerError:
                continue
            except Crash:
                self.log = None
        raise AssertionError(f"{step} still fails, though nothing does any longer")


def live(store: FailingStore, real: Store, beside: bool) -> list[Life]:
    """One writer at a store that fails, and perhaps another at one that does not."""
    one, other = Life(store, "one"), Life(real, "other")
    for step in STEPS:
        one.take_whatever_happens(step)
        if beside:
            other.take_whatever_happens(step)
    return [one, other] if beside else [one]


def assert_nothing_is_lost(real: Store, lives: list[Life]) -> None:
    log = a_log(real)
    for life in lives:
        assert len(life.acknowledged) == 3
        for key, entries in life.acknowledged.items():
            assert log.recorded(key) == entries
            for entry in entries:
                receipt = parse_receipt(log.receipt(entry.index))
                receipt.verify(entry.raw, [SIGNER.verifier])
        for checkpoint in life.checkpoints:
            assert log._replica.root(checkpoint.size) == checkpoint.root
    cases = [entry for entry in log.entries(0, log.size) if entry.stream.startswith("case/")]
    assert len(cases) == 6 * len(lives)
    findings = list(fsck(real, SIGNER.vkey))
    assert is_sound(findings), "\n".join(map(str, findings))


def calls_of_a_life(beside: bool) -> list[str]:
    real = MemoryStore()
    store = FailingStore(real)
    live(store, real, beside)
    return [call.name for call in store.calls]


def points(names: list[str], failure: Failure, step: int) -> Iterator[tuple[int, When]]:
    """Which call, and whether it fails before or after it was carried out."""
    for number in range(1, len(names) + 1, step):
        if failure is not Truncated:
            yield number, "before"
            yield number, "after"
        elif names[number - 1] in READS:
            yield number, "after"


ALONE, BESIDE = False, True


@pytest.mark.parametrize(
    ("failure", "beside"),
    # What a writer beside another reads depends on the clock: no telling which call to cut.
    [(Crash, ALONE), (StoreUnavailable, ALONE), (Truncated, ALONE), (Crash, BESIDE),
     (StoreUnavailable, BESIDE)],
)  # fmt: skip
def test_no_call_of_the_store_can_fail_so_that_something_is_lost(
    failure: Failure, beside: bool, record_property: Callable[[str, object], None]
) -> None:
    names, lived = calls_of_a_life(beside), 0
    for number, when in points(names, failure, 3 if beside and not ALL else 1):
        real = MemoryStore()
        store = FailingStore(real)
        store.fail_at_call(number, when, failure)
        assert_nothing_is_lost(real, live(store, real, beside))
        lived += 1
    record_property("histories", lived)
    assert lived > 10


class Overtaken(FailingStore):
    """Just before its n-th call somebody else writes."""

    def __init__(self, real: Store, number: int, other: Callable[[], None]) -> None:
        super().__init__(real)
        self._number = number
        self._other = other

    def _do(self, *arguments: Any) -> Any:
        if len(self.calls) + 1 == self._number:
            self._other()
        return super()._do(*arguments)


def overtake(number: int, failing: int | None, when: When, failure: Failure) -> None:
    real = MemoryStore()
    other = Life(real, "other")
    store = Overtaken(real, number, lambda: [other.take(step) for step in STEPS] and None)
    if failing is not None:
        store.fail_at_call(failing, when, failure)
    lives = live(store, real, beside=False)
    assert_nothing_is_lost(real, [*lives, other] if other.acknowledged else lives)


def test_somebody_else_may_write_between_any_two_calls() -> None:
    for number in range(1, len(calls_of_a_life(beside=False)) + 1):
        overtake(number, None, "before", Crash)


@pytest.mark.skipif(not ALL, reason="TEST_KILLS=all runs it")
@pytest.mark.parametrize("failure", [Crash, StoreUnavailable])
@pytest.mark.parametrize("when", ["before", "after"])
def test_and_a_call_may_fail_after_that(when: When, failure: Failure) -> None:
    for number in range(1, len(calls_of_a_life(beside=False)) + 1):
        for failing in range(number, number + 8):
            overtake(number, failing, when, failure)


@pytest.mark.parametrize("when", ["before", "after"])
def test_nor_can_a_write_in_a_folder(tmp_path: Path, when: When) -> None:
    writes = calls_of_a_life(beside=False)
    for number in [n for n, name in enumerate(writes, 1) if name in ("create", "replace")]:
        real = FolderStore(tmp_path / f"{number}")
        store = FailingStore(real)
        store.fail_at_call(number, when, Crash)
        assert_nothing_is_lost(real, live(store, real, beside=False))


@pytest.mark.parametrize("when", ["before", "after"])
def test_after_an_unconfirmed_append_the_same_log_goes_on(tmp_path: Path, when: When) -> None:
    store = FailingStore(a_store(tmp_path))
    log = a_log(store)
    append(log, key="first")
    store.fail_at(1, when)
    with pytest.raises(Unconfirmed):
        append(log, key="second")
    second = append(log, key="second")
    append(log, key="third")
    assert append(log, key="second") == second
    assert log.size == 3


def test_another_command_may_go_first_after_an_unconfirmed_one(tmp_path: Path) -> None:
    store = FailingStore(a_store(tmp_path))
    log = a_log(store)
    store.fail_at(1, "after")
    with pytest.raises(Unconfirmed):
        append(log, "case/1", key="lost answer")
    append(log, "case/2", key="somebody else")
    head = log.head("case/1")
    assert log.recorded("lost answer") is not None
    assert head.length == 1
    log.append("case/1", head, [b"next"], key="next")
    assert log.size == 3


def test_a_store_that_fails_while_publishing_is_published_later(tmp_path: Path) -> None:
    store = FailingStore(a_store(tmp_path))
    log = a_log(store)
    append(log)
    for write in range(1, 6):
        store.fail_at(write, "after")
        with pytest.raises(StoreUnavailable):
            log.publish()
        append(log)
    checkpoint = log.publish()
    assert checkpoint.size == log.size
    for entry in log.entries(0, log.size):
        proof = log.inclusion(entry.index, checkpoint.size)
        leaf, root = entry.leaf_hash, checkpoint.root
        verify_inclusion(entry.index, checkpoint.size, leaf, proof, root)
    assert is_sound(fsck(store, SIGNER.vkey))


def test_a_store_that_is_away_for_long_is_waited_for_by_nobody() -> None:
    """Every call fails until it does not: each append is refused as unconfirmed, none hangs."""
    real = MemoryStore()
    log = a_log(real)
    append(log)
    away = FailingStore(real)
    log._store = log.sequencer._store = log._replica._store = away
    for number in range(5):
        away.fail_at_call(1, "before")
        with pytest.raises(Unconfirmed):
            log.append("case/2", EMPTY, [b"x"], key="press")
        assert len(away.calls) == number + 1
    assert log.append("case/2", EMPTY, [b"x"], key="press")[0].index == 1
