"""The log as its callers see it: exactly once, in order, readable, provable."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ledger import EMPTY, Head, Log, NotStored, Signer, StreamMoved, VerificationError, open_entry
from ledger.folder import FolderStore
from ledger.fsck import fsck, is_sound
from ledger.keys import generate
from ledger.merkle import verify_consistency, verify_inclusion
from ledger.receipt import parse_receipt
from tests.ledger.builders import (
    DATA_KEY,
    SIGNER,
    a_busy_log,
    a_draft,
    a_log,
    a_long_log,
    a_store,
    append,
)
from tests.ledger.fakes import FailingStore


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return a_store(tmp_path)


@pytest.fixture
def log(store: FolderStore) -> Log:
    return a_log(store)


def test_what_was_appended_is_there_after_reopening(store: FolderStore, log: Log) -> None:
    written = append(log, "case/1", 2) + append(log, "case/2") + append(log, "case/1")
    again = a_log(store)
    assert again.size == 4
    assert tuple(again.entries(0, 4)) == written
    assert [entry.index for entry in again.stream_entries("case/1")] == [0, 1, 3]
    assert again.head("case/1") == written[3].head == Head(3, written[3].leaf_hash)
    assert again.head("case/9") == EMPTY


def test_a_command_adds_its_drafts_together_and_in_order(log: Log) -> None:
    entries = append(log, "case/1", 3)
    assert [open_entry(entry, DATA_KEY)[0].value for entry in entries] == [0, 1, 2]
    assert [entry.index for entry in entries] == [0, 1, 2]


def test_the_same_key_gives_the_same_entries_whatever_the_drafts_say(log: Log) -> None:
    first = append(log, key="press the button")
    other = [a_draft("another.event"), a_draft("and.more")]
    for expected in (EMPTY, log.head("case/1")):
        assert (
            log.append("case/7", expected, other, key="press the button", data_key=DATA_KEY)
            == first
        )
    assert log.size == 1
    assert log.recorded("press the button") == first
    assert log.recorded("never pressed") is None


def test_the_same_key_counts_once_in_another_process(store: FolderStore, log: Log) -> None:
    other = a_log(store)
    first = append(log, key="press the button")
    assert append(other, key="press the button") == first
    assert a_log(store).recorded("press the button") == first


def test_a_stream_that_moved_is_refused_and_tells_where_it_is(log: Log) -> None:
    head = append(log)[0].head
    with pytest.raises(StreamMoved) as caught:
        log.append("case/1", EMPTY, [a_draft()], key="too late", data_key=DATA_KEY)
    assert caught.value.head == head
    assert log.recorded("too late") is None


def test_a_stream_another_process_moved_is_refused(store: FolderStore, log: Log) -> None:
    other = a_log(store)
    head = append(other)[0].head
    with pytest.raises(StreamMoved) as caught:
        log.append("case/1", EMPTY, [a_draft()], key="too late", data_key=DATA_KEY)
    assert caught.value.head == head == log.head("case/1")


def test_a_refusal_never_rests_on_old_knowledge(store: FolderStore, log: Log) -> None:
    other = a_log(store)
    head = append(other)[0].head
    entry = log.append("case/1", head, [a_draft()], key="in time", data_key=DATA_KEY)[0]
    assert (entry.seq, entry.index) == (1, 1)


def test_a_forged_head_of_the_right_length_is_refused(log: Log) -> None:
    append(log)
    with pytest.raises(StreamMoved):
        log.append("case/1", Head(1, bytes(32)), [a_draft()], key="x", data_key=DATA_KEY)


def test_a_refused_request_does_not_hold_up_the_others(log: Log) -> None:
    append(log)
    with ThreadPoolExecutor(8) as pool:
        late = [
            pool.submit(log.append, "case/1", EMPTY, [a_draft()], key=f"l{n}", data_key=DATA_KEY)
            for n in range(8)
        ]
        good = [pool.submit(append, log, f"case/{n}") for n in range(2, 20)]
    assert all(isinstance(each.exception(), StreamMoved) for each in late)
    assert {each.result()[0].stream for each in good} == {f"case/{n}" for n in range(2, 20)}


def test_threads_share_commits_and_each_is_recorded_once(store: FolderStore, log: Log) -> None:
    with ThreadPoolExecutor(16) as pool:
        results = list(
            pool.map(lambda n: append(log, f"case/{n // 2}", key=f"{n // 2}"), range(200))
        )
    assert log.size == 100
    assert all(results[n] == results[n + 1] for n in range(0, 200, 2))
    assert len(list(store.keys("commit/"))) < 100
    assert is_sound(fsck(store, SIGNER.vkey))


def test_nothing_to_append_is_a_mistake(log: Log) -> None:
    with pytest.raises(ValueError, match="drafts"):
        log.append("case/1", EMPTY, [], key="nothing", data_key=DATA_KEY)


def test_reading_stops_at_the_end(log: Log) -> None:
    append(log, count=3)
    assert [entry.index for entry in log.entries(1, 99)] == [1, 2]
    assert list(log.entries(7, 9)) == []


def test_entries_are_read_from_bundles_and_from_later_commits(store: FolderStore) -> None:
    log = a_long_log(store, 600)
    log.publish()
    append(log, count=5)
    again = a_log(store)
    assert [entry.index for entry in again.entries(0, 605)] == list(range(605))
    assert [entry.seq for entry in again.stream_entries("pool")] == list(range(600))


def test_a_changed_object_is_noticed_when_it_is_read(store: FolderStore, tmp_path: Path) -> None:
    log = a_long_log(store, 300)
    log.publish()
    reader = a_log(store)
    bundle = tmp_path / "store" / "tile" / "entries" / "000"
    content = bundle.read_bytes()
    bundle.write_bytes(content.replace(b"claim.filed", b"claim.faked"))
    with pytest.raises(VerificationError, match="not what was committed"):
        list(reader.entries(0, 300))


def test_publishing_signs_what_is_committed(log: Log) -> None:
    assert log.latest() is None
    append(log, count=3)
    checkpoint = log.publish()
    assert (checkpoint.origin, checkpoint.size) == (SIGNER.name, 3)
    assert log.publish() == checkpoint == log.latest()


def test_an_empty_log_can_be_published(log: Log) -> None:
    assert log.publish().size == 0
    append(log)
    assert log.publish().size == 1


def test_the_first_covering_checkpoint_is_the_smallest(store: FolderStore, log: Log) -> None:
    for _ in range(3):
        append(log, count=2)
        log.publish()
    for reader in (log, a_log(store)):
        sizes = [reader.first_checkpoint_covering(index).size for index in range(6)]
        assert sizes == [2, 2, 4, 4, 6, 6]
    append(log)
    assert log.first_checkpoint_covering(6).size == 7
    with pytest.raises(NotStored):
        log.first_checkpoint_covering(7)


def test_opening_publishes_what_a_crash_left_unpublished(store: FolderStore, log: Log) -> None:
    append(log, count=3)
    latest = a_log(store).latest()
    assert latest is not None
    assert latest.size == 3


def test_a_slow_process_never_moves_the_checkpoint_back(store: FolderStore, log: Log) -> None:
    append(log)
    slow = a_log(store)
    append(log)
    log.publish()
    assert slow._publisher.publish().size == 2
    latest = log.latest()
    assert latest is not None
    assert latest.size == 2


def test_receipts_prove_their_entry_against_the_public_key(log: Log) -> None:
    entries = append(log, count=5)
    for entry in entries:
        receipt = parse_receipt(log.receipt(entry.index))
        assert receipt.verify(entry.raw, [SIGNER.verifier]).size == 5
        with pytest.raises(VerificationError):
            receipt.verify(entry.raw + b" ", [SIGNER.verifier])
    with pytest.raises(NotStored):
        log.receipt(5)


def test_a_receipt_for_what_another_process_published(store: FolderStore, log: Log) -> None:
    other = a_log(store)
    entry = append(other, count=3)[2]
    other.publish()
    parse_receipt(log.receipt(entry.index)).verify(entry.raw, [SIGNER.verifier])


def test_proofs_between_any_published_sizes(log: Log) -> None:
    checkpoints = []
    for _ in range(4):
        append(log, count=3)
        checkpoints.append(log.publish())
    last = checkpoints[-1]
    for old in checkpoints:
        proof = log.consistency(old.size, last.size)
        verify_consistency(old.size, last.size, old.root, last.root, proof)
    for entry in log.entries(0, 12):
        proof = log.inclusion(entry.index, last.size)
        verify_inclusion(entry.index, last.size, entry.leaf_hash, proof, last.root)
    assert log.consistency(0, 12) == ()


@pytest.mark.parametrize(("index", "size"), [(12, 12), (-1, 12), (0, 13), (0, 0)])
def test_there_is_no_proof_of_what_is_not_there(log: Log, index: int, size: int) -> None:
    append(log, count=12)
    with pytest.raises(NotStored):
        log.inclusion(index, size)


@pytest.mark.parametrize(("old", "new"), [(5, 4), (0, 13), (-1, 4)])
def test_there_is_no_proof_of_a_log_that_shrinks(log: Log, old: int, new: int) -> None:
    append(log, count=12)
    with pytest.raises(NotStored):
        log.consistency(old, new)


def test_a_store_belongs_to_one_key(store: FolderStore, log: Log) -> None:
    append(log)
    for stranger in (generate(SIGNER.name), Signer("other.example", b"s" * 32)):
        with pytest.raises(VerificationError, match="does not belong"):
            Log.open(store, stranger)


def test_a_log_whose_end_was_cut_off_does_not_open(store: FolderStore, log: Log) -> None:
    append(log)
    append(log)
    log.publish()
    store.delete("commit/00000000000000000001")
    with pytest.raises(VerificationError):
        a_log(store)


def test_a_log_with_other_entries_than_signed_does_not_open(tmp_path: Path) -> None:
    signed, forged = FolderStore(tmp_path / "signed"), FolderStore(tmp_path / "forged")
    append(a_log(signed))
    a_log(signed).publish()
    append(a_log(forged))
    forged.create("checkpoint", signed.get("checkpoint"))
    with pytest.raises(VerificationError):
        a_log(forged)


def test_missing_tiles_are_made_again_at_opening(store: FolderStore) -> None:
    a_busy_log(store)
    tiles = [key for key in store.keys("tile/") if "/000.p/8" in key]
    for key in tiles:
        store.delete(key)
    assert tiles
    assert not is_sound(fsck(store, SIGNER.vkey))
    a_log(store)
    assert is_sound(fsck(store, SIGNER.vkey))


def test_a_long_log_costs_no_more_writes_than_a_short_one(store: FolderStore) -> None:
    a_long_log(store, 300).publish()
    counted = FailingStore(store)
    log = a_log(counted)

    def cost(action: Callable[[], object]) -> int:
        before = counted.writes
        action()
        return counted.writes - before

    assert cost(lambda: append(log)) == 1
    assert cost(lambda: append(log, count=50)) == 1
    assert cost(log.publish) == 4, "a tile, a bundle, the checkpoint and the pointer"
    assert cost(log.publish) == 0


def test_a_second_history_under_the_same_key_is_noticed(tmp_path: Path) -> None:
    one, two = FolderStore(tmp_path / "one"), FolderStore(tmp_path / "two")
    reader = a_log(one)
    append(reader, key="told to one")
    append(a_log(two), key="told to another")
    forked = a_log(two).latest()
    assert forked is not None
    one.create("checkpoint", forked.text.encode())
    with pytest.raises(VerificationError, match="signed root"):
        reader.latest()
