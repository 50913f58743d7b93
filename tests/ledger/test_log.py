"""The log as its callers see it: exactly once, in order, readable, provable."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ledger import (
    EMPTY,
    Head,
    Log,
    NotStored,
    StreamMoved,
    VerificationError,
    open_entry,
)
from ledger.checking.fsck import fsck, is_sound
from ledger.merkle import verify_consistency, verify_inclusion
from ledger.receipt import parse_receipt
from ledger.stores.folder import FolderStore
from tests.ledger.builders import (
    DATA_KEY,
    SIGNER,
    a_log,
    a_long_log,
    append,
)


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
    for expected in (EMPTY, log.head("case/1")):
        again = log.append("case/7", expected, [b"another", b"more"], key="press the button")
        assert again == first
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
        log.append("case/1", EMPTY, [b"late"], key="too late")
    assert caught.value.head == head
    assert log.recorded("too late") is None


def test_a_stream_another_process_moved_is_refused(store: FolderStore, log: Log) -> None:
    other = a_log(store)
    head = append(other)[0].head
    with pytest.raises(StreamMoved) as caught:
        log.append("case/1", EMPTY, [b"late"], key="too late")
    assert caught.value.head == head == log.head("case/1")


def test_a_refusal_never_rests_on_old_knowledge(store: FolderStore, log: Log) -> None:
    other = a_log(store)
    head = append(other)[0].head
    entry = log.append("case/1", head, [b"in time"], key="in time")[0]
    assert (entry.seq, entry.index) == (1, 1)


def test_a_forged_head_of_the_right_length_is_refused(log: Log) -> None:
    append(log)
    with pytest.raises(StreamMoved):
        log.append("case/1", Head(1, bytes(32)), [b"x"], key="x")


def test_a_refused_request_does_not_hold_up_the_others(log: Log) -> None:
    append(log)
    with ThreadPoolExecutor(8) as pool:
        late = [
            pool.submit(log.append, "case/1", EMPTY, [b"late"], key=f"late {n}") for n in range(8)
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
    with pytest.raises(ValueError, match="payloads"):
        log.append("case/1", EMPTY, [], key="nothing")


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
    assert (checkpoint.origin, checkpoint.size) == (SIGNER.name, 4), "three and the map"
    assert log.publish() == checkpoint == log.latest()


def test_an_empty_log_can_be_published(log: Log) -> None:
    assert log.publish().size == 1, "the map of no streams"
    append(log)
    assert log.publish().size == 3


def test_the_first_covering_checkpoint_is_the_smallest(store: FolderStore, log: Log) -> None:
    for _ in range(3):
        append(log, count=2)
        log.publish()
    for reader in (log, a_log(store)):
        sizes = [reader.first_checkpoint_covering(index).size for index in range(9)]
        assert sizes == [3, 3, 3, 6, 6, 6, 9, 9, 9]
    append(log)
    assert log.first_checkpoint_covering(9).size == 11
    with pytest.raises(NotStored):
        log.first_checkpoint_covering(11)


def test_opening_publishes_nothing(store: FolderStore, log: Log) -> None:
    append(log, count=3)
    assert a_log(store).latest() is None, "whoever asks for a signature asks for it"


def test_a_slow_process_never_moves_the_checkpoint_back(store: FolderStore, log: Log) -> None:
    append(log)
    slow = a_log(store)
    append(log)
    log.publish()
    assert slow._publisher.publish().size == 3
    latest = log.latest()
    assert latest is not None
    assert latest.size == 3


def test_receipts_prove_their_entry_against_the_public_key(log: Log) -> None:
    entries = append(log, count=5)
    for entry in entries:
        receipt = parse_receipt(log.receipt(entry.index))
        assert receipt.verify(entry.raw, [SIGNER.verifier]).size == 6
        with pytest.raises(VerificationError):
            receipt.verify(entry.raw + b" ", [SIGNER.verifier])
    with pytest.raises(NotStored):
        log.receipt(6)


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
    for entry in log.entries(0, 16):
        proof = log.inclusion(entry.index, last.size)
        verify_inclusion(entry.index, last.size, entry.leaf_hash, proof, last.root)
    assert log.consistency(0, 16) == ()


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
