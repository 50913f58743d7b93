"""Publishing with others: witnesses who sign, an authority that stamps, readers of old sizes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree

import pytest

from ledger import Log, NoQuorum, VerificationError
from ledger.__main__ import main
from ledger.checking.fsck import fsck, is_sound
from ledger.checkpoint import Checkpoint, parse_checkpoint, read_cosignatures, sign_checkpoint
from ledger.receipt import parse_receipt
from ledger.signed import LastSigned
from ledger.stores.folder import FolderStore
from ledger.timestamp import Stamper, verify
from ledger.witnessing.policy import Policy, parse_policy
from ledger.witnessing.witness import WatchedLog
from ledger.witnessing.witness_server import WitnessServer
from ledger.witnessing.witness_state import open_witness
from ledger.witnessing.witnesses import Witnesses
from tests.ledger.authority import Authority, serving
from tests.ledger.builders import ORIGIN, SIGNER, a_long_log, a_store, append
from tests.ledger.witnessing import a_server

WATCHED = WatchedLog(ORIGIN, SIGNER.verifiers)


@contextmanager
def an_association(folder: Path, name: str) -> Iterator[tuple[WitnessServer, str]]:
    """A witness of the log under test, and its line for a policy."""
    folder.mkdir()
    with (
        open_witness(name, folder / "key", folder / "state", [WATCHED], lambda: 1) as witness,
        a_server(witness) as server,
    ):
        vkey = witness.cosigner.verifiers[0].vkey
        yield server, f"witness {name.split('.')[0]} {vkey} {server.url}\n"


def a_policy(lines: str, quorum: str) -> Policy:
    return parse_policy(f"{lines}quorum {quorum}\n".encode())


def opened(folder: Path, policy: Policy, *, required: bool) -> Log:
    witnesses = Witnesses(policy, required=required)
    return Log.open(a_store(folder), SIGNER, witnesses=witnesses)


def test_a_published_checkpoint_carries_the_cosignatures_of_its_witnesses(tmp_path: Path) -> None:
    with an_association(tmp_path / "a", "a.example") as (_, line):
        policy = a_policy(line, "a")
        log = opened(tmp_path, policy, required=True)
        for number in range(3):
            append(log, f"case/{number}")
            checkpoint = log.publish()
            (cosignature,) = read_cosignatures(checkpoint.text, policy.witness_keys)
            assert cosignature.verifier.name == "a.example"
        receipt = parse_receipt(log.receipt(0))
        assert len(read_cosignatures(receipt.note, policy.witness_keys)) == 1
        assert is_sound(fsck(a_store(tmp_path), SIGNER.vkey))


def test_without_the_required_quorum_nothing_is_published_and_nothing_is_lost(
    tmp_path: Path,
) -> None:
    with an_association(tmp_path / "a", "a.example") as (_, line):
        policy = a_policy(line, "a")
    log = opened(tmp_path, policy, required=True)
    append(log)
    with pytest.raises(NoQuorum):
        log.publish()
    assert log.latest() is None
    assert append(log)[0].seq == 1
    (standing,) = log.witnesses.standing() if log.witnesses else ()
    assert standing.error


def test_a_log_that_may_goes_on_without_its_witnesses(tmp_path: Path) -> None:
    with an_association(tmp_path / "a", "a.example") as (_, line):
        policy = a_policy(line, "a")
    log = opened(tmp_path, policy, required=False)
    append(log)
    assert not read_cosignatures(log.publish().text, policy.witness_keys)
    assert log.latest() is not None


def test_a_time_stamp_lies_beside_each_checkpoint(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    with serving(authority) as url:
        log = Log.open(a_store(tmp_path), SIGNER, stamper=Stamper(url))
        append(log)
        checkpoint = log.publish()
    stamp = log.timestamp(checkpoint.size)
    assert stamp is not None
    assert verify(checkpoint.text.encode(), stamp, [authority.root])
    append(log)
    later = log.publish()  # the authority is away by now
    assert log.timestamp(later.size) is None
    assert log.stamp_error
    assert is_sound(fsck(a_store(tmp_path), SIGNER.vkey))


def test_partial_tiles_go_once_the_full_one_is_there(tmp_path: Path) -> None:
    log = a_long_log(a_store(tmp_path), 200)
    log.publish()
    append(log, "pool", count=100)
    log.publish()
    store = FolderStore(tmp_path / "store")
    assert [*store.keys("tile/0/000.p/"), *store.keys("tile/entries/000.p/")] == []
    assert {"tile/0/000", "tile/0/001.p/46", "tile/1/000.p/1"} <= set(store.keys("tile/"))
    assert is_sound(fsck(store, SIGNER.vkey))


def test_two_processes_that_publish_one_size_agree_on_its_checkpoint(tmp_path: Path) -> None:
    one, other = (Log.open(a_store(tmp_path), SIGNER) for _ in range(2))
    append(one)
    published = one.publish()
    # The second died between its signature and the pointer, or is just late.
    (tmp_path / "store" / "checkpoint").unlink()
    other.catch_up()
    assert other.publish() == published
    assert is_sound(fsck(a_store(tmp_path), SIGNER.vkey))


def test_the_verdict_on_the_store_is_recorded_once(tmp_path: Path) -> None:
    log = Log.open(a_store(tmp_path), SIGNER)
    first = log.note_verdict("held")
    assert log.note_verdict("held") == first
    assert log.note_verdict("broken").seq == 1
    assert [entry.payload for entry in log.stream_entries("ledger/store")] == [b"held", b"broken"]


def test_a_key_that_remembers_signs_no_second_history(tmp_path: Path) -> None:
    store, memory = tmp_path / "store", tmp_path / "signed"
    log = Log.open(FolderStore(store), SIGNER, memory=memory)
    append(log)
    log.publish()
    copytree(store, tmp_path / "older")
    append(log)
    log.publish()
    with pytest.raises(VerificationError, match="rolled back"):
        Log.open(FolderStore(tmp_path / "older"), SIGNER, memory=memory)
    other = Log.open(FolderStore(tmp_path / "older"), SIGNER)
    for _ in range(3):
        append(other, "case/other")
    with pytest.raises(VerificationError, match="another history"):
        Log.open(FolderStore(tmp_path / "older"), SIGNER, memory=memory)
    assert Log.open(FolderStore(store), SIGNER, memory=memory).publish().size == log.size


def test_workers_that_sign_at_once_remember_the_largest_tree(tmp_path: Path) -> None:
    trees = [sign_checkpoint(SIGNER, size, bytes(32), 1) for size in range(1, 61)]
    workers = [LastSigned(tmp_path / "signed") for _ in range(4)]
    with ThreadPoolExecutor(len(workers)) as pool:
        shares = (pool.submit(_note_all, worker, trees) for worker in workers)
        for share in list(shares):
            share.result()
    assert parse_checkpoint((tmp_path / "signed").read_text()).size == len(trees)


def _note_all(memory: LastSigned, trees: list[Checkpoint]) -> None:
    for tree in trees:
        memory.note(tree)


def test_the_command_line_never_takes_a_missing_quorum_for_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MINGAN_LEDGER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    store, policy = str(tmp_path / "log"), tmp_path / "policy"
    with an_association(tmp_path / "a", "a.example") as (_, line):
        policy.write_text(f"{line}quorum a\n")
    assert main(["init", store, "--origin", ORIGIN]) == 0
    assert main(["publish", store, "--require-witnesses"]) == 1
    assert not (tmp_path / "log" / "checkpoint").exists()
    assert main(["publish", store]) == 0
    # Published already, so nobody is asked: that must not look like their consent.
    assert main(["publish", store, "--policy", str(policy), "--require-witnesses"]) == 1
    assert "without the quorum" in capsys.readouterr().err
