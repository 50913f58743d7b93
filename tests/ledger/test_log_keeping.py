"""The log as its keeper sees it: whose it is, what it costs, batches, erasure, completeness."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from ledger import (
    EMPTY,
    PLAIN,
    Append,
    Log,
    NotStored,
    StoreUnavailable,
    StreamMoved,
    Unconfirmed,
    VerificationError,
)
from ledger.checking.fsck import fsck, is_sound
from ledger.entry import command_digest
from ledger.erasure import erased_in
from ledger.keys import generate
from ledger.mapproof import parse_map_root
from ledger.request import Request
from ledger.stores.folder import FolderStore
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
from tests.ledger.fakes import Crash, FailingStore, When


def test_a_store_belongs_to_one_key(store: FolderStore, log: Log) -> None:
    append(log)
    for stranger in (generate(SIGNER.name), generate("other.example")):
        with pytest.raises(VerificationError, match="does not belong"):
            Log.open(store, stranger)


def test_a_log_whose_end_was_cut_off_does_not_open(store: FolderStore, log: Log) -> None:
    append(log)
    append(log)
    log.publish()
    store.delete("commit/00000000000000000002")
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
    tiles = [key for key in store.keys("tile/") if "/000.p/10" in key]
    for key in tiles:
        store.delete(key)
    assert tiles
    assert not is_sound(fsck(store, SIGNER.vkey))
    a_log(store)
    assert is_sound(fsck(store, SIGNER.vkey))


def writes_of(store: FailingStore, action: Callable[[], object]) -> list[str]:
    """What an action creates, replaces and deletes; other requests cost a tenth of these."""
    done = len(store.calls)
    action()
    made = (call for call in store.calls[done:] if call.name in ("create", "replace", "delete"))
    return [f"{call.name} {call.key.partition('/')[0]}" for call in made]


@pytest.mark.parametrize("size", [1, 300])
def test_a_commit_costs_one_write_and_a_publication_five(store: FolderStore, size: int) -> None:
    a_long_log(store, size).publish()
    counted = FailingStore(store)
    log = a_log(counted)
    for count in (1, 50, 1):
        assert writes_of(counted, lambda count=count: append(log, count=count)) == ["create commit"]
    assert writes_of(counted, log.publish) == [
        "create commit",
        "create tile",
        "create tile",
        "create checkpoints",
        "replace checkpoint",
    ]
    for idle in (log.publish, log.catch_up, log.latest, lambda: log.prove_stream("case/1")):
        assert writes_of(counted, idle) == []
    assert writes_of(counted, lambda: a_log(counted)) == ["create log.vkey"], "asks whose it is"


def test_a_publication_that_fills_tiles_writes_two_for_each_and_collects(
    store: FolderStore,
) -> None:
    counted = FailingStore(store)
    log = a_long_log(counted, 200)  # type: ignore[arg-type]
    log.publish()
    append(log, count=600)
    writes = writes_of(counted, log.publish)
    assert writes.count("create tile") == 2 * 3 + 2 + 1, "full, partial, and one above"
    assert writes.count("delete tile") == 2, "the partial ones of 201"
    assert len(writes) == 14


def test_a_commit_costs_one_write_beside_other_writers_too(store: FolderStore) -> None:
    one, two = FailingStore(store), FailingStore(store)
    first, second = a_log(one), a_log(two)
    for number in range(20):
        for log in (first, second):
            append(log, f"case/{id(log)}", key=f"{id(log)} {number}")
    commits = len(list(store.keys("commit/")))
    made = [call.key for each in (one, two) for call in each.calls if call.name == "create"]
    assert commits == 40
    assert len([key for key in made if key.startswith(("commit/", "inbox/"))]) < 3 * commits


def test_a_second_history_under_the_same_key_is_noticed(tmp_path: Path) -> None:
    one, two = FolderStore(tmp_path / "one"), FolderStore(tmp_path / "two")
    reader = a_log(one)
    append(reader, key="told to one")
    append(reader)
    append(a_log(two), key="told to another")
    forked = a_log(two).publish()
    one.create("checkpoint", forked.text.encode())
    with pytest.raises(VerificationError, match="signed root"):
        reader.latest()


def test_many_commands_at_once_each_hear_their_own(log: Log) -> None:
    first = log.append("case/0", EMPTY, [b"before"], key="before")
    second = Request("case/1", EMPTY, [b"a", b"b"], command_digest("1"), PLAIN).head_after
    outcomes = log.append_all(
        [
            Append("case/1", EMPTY, [b"a", b"b"], "1"),
            Append("case/1", second, [b"c"], "2"),
            Append("case/1", second, [b"a fork"], "3"),
            Append("case/9", EMPTY, [b"again"], "before"),
            Append("case/2", EMPTY, [b"d"], "1"),
            Append("case/2", EMPTY, [b"e"], "4"),
        ]
    )
    one, two, fork, before, repeated, other = outcomes
    assert [entry.payload for entry in (*one, *two, *other)] == [b"a", b"b", b"c", b"e"]
    assert isinstance(fork, StreamMoved)
    assert (before, repeated) == (first, one)
    assert log.size == 5
    assert [each if isinstance(each, StreamMoved) else None for each in outcomes][2] is fork


def test_chained_heads_of_many_commands_span_commits(
    log: Log, store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.sequencer.MAX_GROUP_BYTES", 1000)
    appends, head = [], EMPTY
    for number in range(100):
        command = command_digest(f"{number}")
        appends.append(Append("case/1", head, [b"%d" % number], f"{number}"))
        head = Request("case/1", head, [b"%d" % number], command, PLAIN).head_after
    outcomes = log.append_all(appends)
    assert [entry.payload for (entry,) in outcomes] == [b"%d" % n for n in range(100)]
    assert len(list(store.keys("commit/"))) > 5
    assert log.append_all(appends) == outcomes
    assert is_sound(fsck(store, SIGNER.vkey))


def test_of_many_commands_one_that_cannot_be_read_back_spoils_no_other(
    store: FolderStore, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append("case/0", EMPTY, [b"x"], key="before")
    log.publish()
    again = a_log(store)

    def away(_: str) -> bytes:
        raise StoreUnavailable("as the test wished")

    monkeypatch.setattr(store, "get", away)
    appends = [Append("case/1", EMPTY, [b"y"], "new"), Append("case/0", EMPTY, [b"x"], "before")]
    new, before = again.append_all(appends)
    assert isinstance(before, Unconfirmed)
    assert [entry.payload for entry in new] == [b"y"]
    with pytest.raises(Unconfirmed):
        again.append("case/0", EMPTY, [b"x"], key="before")


@pytest.mark.parametrize("stream", ["ledger/map", "ledger/store", "ledger/other"])
def test_nobody_appends_to_what_the_ledger_keeps_for_itself(log: Log, stream: str) -> None:
    with pytest.raises(ValueError, match="ledger's own"):
        log.append(stream, EMPTY, [b"x"], key="k")
    with pytest.raises(ValueError, match="ledger's own"):
        log.append_sealed(stream, EMPTY, [a_draft()], key="k", data_key=DATA_KEY)
    with pytest.raises(ValueError, match="ledger's own"):
        log.append_all([Append(stream, EMPTY, [b"x"], "k")])


def test_nobody_takes_the_key_of_what_the_ledger_will_say(store: FolderStore, log: Log) -> None:
    """A map entry under a key that was recorded before would spoil the log for ever."""
    for key in ("ledger/map 1", "ledger/erase case/1 case-1"):
        with pytest.raises(ValueError, match="ledger's own"):
            log.append("case/1", EMPTY, [b"x"], key=key)
    append(log)
    log.publish()
    a_log(store)
    assert is_sound(fsck(store, SIGNER.vkey))


def test_what_is_not_sealed_is_not_recorded_as_sealed(store: FolderStore, log: Log) -> None:
    """Whoever checks reads sealed entries for the files they name."""
    with pytest.raises(ValueError, match="sealed"):
        log.append("case/1", EMPTY, [b"no JSON"], key="k", kid="case-1")
    sealed = append(log)[0]
    log.append("case/2", EMPTY, [sealed.payload], key="moved", kid="case-1")
    assert is_sound(fsck(store, SIGNER.vkey))


def test_an_erasure_is_recorded_before_the_keys_go(tmp_path: Path) -> None:
    real = a_store(tmp_path)
    store = FailingStore(real)
    log = a_log(store)
    sealed = append(log, count=2)
    real.create("keys/case-1", b"wrapped")
    log.publish()
    done = len(store.calls)
    log.erase("case/1")
    calls = [f"{each.name} {each.key}" for each in store.calls[done:]]
    assert [each for each in calls if each.split()[0] in ("create", "replace", "delete")] == [
        "create commit/00000000000000000002",
        "delete keys/case-1",
    ]
    last = log.stream_entries("case/1")[-1]
    assert erased_in(last.raw) == ("case-1",)
    assert last.kid == PLAIN
    assert log.stream_entries("case/1")[:2] == sealed
    with pytest.raises(NotStored):
        real.get("keys/case-1")


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_erasure_that_a_crash_interrupted_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: When
) -> None:
    real = a_store(tmp_path)
    store = FailingStore(real)
    log = a_log(store)
    append(log)
    real.create("keys/case-1", b"wrapped")
    monkeypatch.setattr(store, "delete", partial(_crash, real.delete, when))
    with pytest.raises(Crash):
        log.erase("case/1")
    again = a_log(real)
    entries = again.erase("case/1")
    assert again.erase("case/1") == entries
    assert again.size == 2, "it is recorded once"
    assert list(real.keys("keys/")) == []
    assert is_sound(fsck(real, SIGNER.vkey))


def _crash(delete: Callable[[str], None], when: When, key: str) -> None:
    if when == "after":
        delete(key)
    raise Crash


def test_where_nothing_is_sealed_nothing_is_erased(log: Log) -> None:
    log.append("case/1", EMPTY, [b"plain"], key="k")
    for stream in ("case/1", "case/2"):
        with pytest.raises(NotStored):
            log.erase(stream)
    assert log.size == 1


def test_what_a_probe_found_is_recorded_once(store: FolderStore, log: Log) -> None:
    first = log.note_verdict("fine")
    assert log.note_verdict("fine") == first == a_log(store).note_verdict("fine")
    assert log.note_verdict("not fine").seq == 1
    assert log.note_verdict("fine").seq == 2
    assert is_sound(fsck(store, SIGNER.vkey))


def test_completeness_is_proven_for_what_is_there_and_what_is_not(log: Log) -> None:
    for number in range(5):
        append(log, f"case/{number}", count=number + 1)
    for stream, length in [("case/3", 4), ("case/0", 1), ("nobody", 0)]:
        found = log.prove_stream(stream)
        root = parse_map_root(found.map_entry.payload)
        assert found.proof.verify(root) == log.head(stream)
        assert found.proof.verify(root).length == length
    assert log.prove_stream("case/1").map_entry == log.prove_stream("case/2").map_entry


def test_proofs_of_completeness_hold_while_others_append_and_publish(store: FolderStore) -> None:
    log = a_log(store)

    def write(name: int) -> None:
        for number in range(10):
            append(log, f"case/{name}/{number}")
            log.publish()

    def prove(_: int) -> None:
        for number in range(10):
            found = log.prove_stream(f"case/0/{number}")
            head = found.proof.verify(parse_map_root(found.map_entry.payload))
            assert head in (EMPTY, log.head(f"case/0/{number}"))

    with ThreadPoolExecutor(6) as pool:
        for each in [
            *(pool.submit(write, n) for n in range(3)),
            *(pool.submit(prove, n) for n in range(3)),
        ]:
            each.result()
    assert is_sound(fsck(store, SIGNER.vkey))
