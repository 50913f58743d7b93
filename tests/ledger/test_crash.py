"""Whatever fails at whichever write: nothing acknowledged is lost, nothing counts twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger import Entry, Log, Store, StoreUnavailable, Unconfirmed
from ledger.folder import FolderStore
from ledger.fsck import fsck, is_sound
from tests.ledger.builders import DATA_KEY, SIGNER, a_draft, a_log, a_store, append
from tests.ledger.fakes import Crash, FailingStore, When

STEPS = ("first", "second", "publish", "third", "publish again")


def live(log: Log, acknowledged: dict[str, tuple[Entry, ...]]) -> None:
    """A short life: three appends and two publications."""
    for step in STEPS:
        if step.startswith("publish"):
            log.publish()
        else:
            acknowledged[step] = append(log, "case/1", 2, key=step)


def writes_of_a_life(folder: Path) -> int:
    store = FailingStore(a_store(folder))
    live(a_log(store), {})
    return store.writes


def assert_once_and_sound(store: Store, acknowledged: dict[str, tuple[Entry, ...]]) -> None:
    log = a_log(store)
    for key, entries in acknowledged.items():
        assert log.recorded(key) == entries
    for key in ("first", "second", "third"):
        append(log, "case/1", 2, key=key)
    log.publish()
    assert log.size == 6
    assert [entry.seq for entry in log.stream_entries("case/1")] == list(range(6))
    findings = list(fsck(store, SIGNER.vkey))
    assert is_sound(findings), "\n".join(map(str, findings))


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_at_any_write_loses_nothing(tmp_path: Path, when: When) -> None:
    for write in range(1, writes_of_a_life(tmp_path / "whole") + 1):
        real = FolderStore(tmp_path / f"{write}")
        store, acknowledged = FailingStore(real), dict[str, tuple[Entry, ...]]()
        store.fail_at(write, when, Crash)
        with pytest.raises(Crash):
            live(a_log(store), acknowledged)
        assert_once_and_sound(real, acknowledged)


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
    log.append("case/1", head, [a_draft()], key="next", data_key=DATA_KEY)
    assert log.size == 3


def test_a_store_that_fails_while_publishing_is_published_later(tmp_path: Path) -> None:
    store = FailingStore(a_store(tmp_path))
    log = a_log(store)
    append(log)
    for write in range(1, 5):
        store.fail_at(write, "after")
        with pytest.raises(StoreUnavailable):
            log.publish()
        append(log)
    assert log.publish().size == 5
    assert is_sound(fsck(store, SIGNER.vkey))
