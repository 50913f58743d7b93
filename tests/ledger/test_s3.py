"""S3 when the network is not kind: every ambiguous answer, on a real server."""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path
from typing import Any

import pytest

from ledger import Log, NotStored, StoreLies, StoreUnavailable, Unconfirmed, open_store
from ledger.checking.fsck import fsck, is_sound
from ledger.stores.bucket import new_client
from ledger.stores.dialects import AWS
from ledger.stores.retention import Wish
from ledger.stores.s3 import ATTEMPTS, S3Store
from tests.certificates import an_identity
from tests.ledger.builders import SIGNER, a_busy_log, a_log, append
from tests.ledger.faults import DONE, NOT_DONE, SPOILED, Faults, faults
from tests.seaweed import Seaweed, bucket, client, running_seaweed, seaweed

__all__ = ["bucket", "client", "faults", "seaweed"]

ONE_FAULT = [pytest.param({("PutObject", 1): fault}, id=fault) for fault in (*NOT_DONE, *DONE)]
# To a request that asks for a certain content, 412 is an answer, and the caller looks again.
POINTER_FAULTS = [fault for fault in (*NOT_DONE, *DONE) if fault != "412"]
TWO_FAULTS = [
    pytest.param({("PutObject", 1): first, ("GetObject", 1): "timeout"}, id=f"{first}, then blind")
    for first in (*NOT_DONE, *DONE)
]


@pytest.fixture
def store(client: Any, bucket: str) -> S3Store:
    return S3Store(client, bucket, secrets.token_hex(8))


@pytest.mark.parametrize("plan", ONE_FAULT + TWO_FAULTS)
def test_an_object_is_created_once_whatever_the_answer(
    store: S3Store, faults: Faults, plan: Any
) -> None:
    faults.plan(plan)
    assert store.create("commit/0", b"mine")
    faults.plan({})
    assert store.get("commit/0") == b"mine"


@pytest.mark.parametrize("plan", ONE_FAULT + TWO_FAULTS)
def test_the_object_of_another_is_never_taken_for_ours(
    store: S3Store, faults: Faults, plan: Any
) -> None:
    store.create("commit/0", b"theirs")
    faults.plan(plan)
    assert not store.create("commit/0", b"mine")
    assert store.get("commit/0") == b"theirs"


@pytest.mark.parametrize("fault", POINTER_FAULTS)
def test_a_pointer_moves_once_whatever_the_answer(
    store: S3Store, faults: Faults, fault: str
) -> None:
    store.create("checkpoint", b"1")
    faults.plan({("PutObject", 1): fault})
    assert store.replace("checkpoint", b"2", b"1")
    faults.plan({})
    assert store.get("checkpoint") == b"2"


@pytest.mark.parametrize("plan", ONE_FAULT)
def test_a_file_is_stored_whole_whatever_the_answer(
    store: S3Store, faults: Faults, plan: Any, tmp_path: Path
) -> None:
    path = tmp_path / "film"
    path.write_bytes(bytes(200_000))
    faults.plan(plan)
    store.add_file("blob/film", path)
    assert store.size("blob/film") == 200_000


@pytest.mark.parametrize("plan", ONE_FAULT + TWO_FAULTS)
def test_an_append_counts_once_whatever_the_answer(
    store: S3Store, faults: Faults, plan: Any
) -> None:
    log = a_log(store)
    append(log, key="first")
    faults.plan(plan)
    second = append(log, key="second")
    faults.plan({})
    assert append(log, key="second") == second
    assert append(a_log(store), key="second") == second
    assert log.size == 2


@pytest.mark.parametrize("fault", [*NOT_DONE, *DONE[:-1]])
def test_an_append_the_store_never_confirms_may_be_repeated(
    store: S3Store, faults: Faults, fault: str
) -> None:
    log = a_log(store)
    faults.plan(
        {("PutObject", number): fault for number in range(1, ATTEMPTS + 1)}
        | {("GetObject", number): "503" for number in range(1, ATTEMPTS + 1)}
    )
    with pytest.raises(Unconfirmed):
        append(log, key="press the button")
    faults.plan({})
    entries = append(log, key="press the button")
    assert append(a_log(store), key="press the button") == entries
    assert log.size == 1


ASK = [
    pytest.param("GetObject", lambda store: store.get("a"), id="get"),
    pytest.param("GetObject", lambda store: store.read("a", 0, 1), id="read"),
    pytest.param("HeadObject", lambda store: store.size("a"), id="size"),
    pytest.param("ListObjectsV2", lambda store: list(store.keys("")), id="keys"),
    pytest.param("ListObjectVersions", lambda store: list(store.irregular("")), id="irregular"),
    pytest.param("DeleteObject", lambda store: store.delete("a"), id="delete"),
    pytest.param("GetBucketVersioning", lambda store: store.delete("a"), id="delete versions"),
    pytest.param("PutObject", lambda store: store.create("b", b""), id="create"),
    pytest.param("PutObject", lambda store: store.create_all([("b", b"")]), id="create_all"),
    pytest.param("PutObject", lambda store: store.replace("a", b"", b"there"), id="replace"),
    pytest.param("GetObjectLockConfiguration", lambda store: store.retain(Wish()), id="retain"),
]


@pytest.mark.parametrize(("operation", "ask"), ASK)
@pytest.mark.parametrize("fault", ["refused", "timeout", "503", "nonsense"])
def test_nothing_of_botocore_leaks(
    store: S3Store, faults: Faults, operation: str, ask: Any, fault: str
) -> None:
    store.create("a", b"there")
    faults.always(operation, fault)
    try:
        ask(store)
    except (StoreUnavailable, StoreLies):
        return
    assert fault == "nonsense", "an answer that needs no body can be believed without one"


@pytest.mark.parametrize(("operation", "ask"), ASK)
@pytest.mark.parametrize(
    "status", ["301", "400", "403", "404", "405", "409", "412", "416", "418", "429", "501"]
)
def test_every_status_becomes_an_error_of_the_ledger(
    store: S3Store, faults: Faults, operation: str, ask: Any, status: str
) -> None:
    """Or an answer, where it is one: a deletion of what is not there, an unknown request."""
    store.create("a", b"there")
    faults.always(operation, status)
    with contextlib.suppress(StoreUnavailable, NotStored):
        ask(store)


@pytest.mark.parametrize("fault", SPOILED)
@pytest.mark.parametrize(("operation", "ask"), ASK[:1] + ASK[3:5])
def test_what_arrives_in_part_is_asked_for_again(
    store: S3Store, faults: Faults, operation: str, ask: Any, fault: str
) -> None:
    store.create("a", b"a content of some length")
    whole = ask(store)
    faults.plan({(operation, 1): fault})
    assert ask(store) == whole


def test_two_processes_on_one_bucket_keep_every_entry_once(store: S3Store) -> None:
    logs = [a_log(store), a_log(store)]
    for number in range(10):
        for log in logs:
            append(log, f"case/{logs.index(log)}", key=f"{logs.index(log)} {number}")
    assert [log.catch_up() for log in logs] == [20, 20]
    logs[0].publish()
    assert is_sound(fsck(store, SIGNER.vkey))


def test_the_sdk_never_repeats_by_itself(
    seaweed: Seaweed, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in seaweed.environment.items():
        monkeypatch.setenv(name, value)
    client = new_client(bucket, seaweed.endpoint, None, AWS)
    faults = Faults(client)
    faults.always("PutObject", "lost")
    key = secrets.token_hex(8)
    with pytest.raises(Exception, match="Read timeout"):
        client.put_object(Bucket=bucket, Key=key, Body=b"once", IfNoneMatch="*")
    assert faults._seen["PutObject"] == 1
    faults.close()
    client.close()


def test_an_open_log_survives_an_outage_of_the_store(store: S3Store, faults: Faults) -> None:
    log: Log = a_log(store)
    append(log, key="before")
    for operation in ("PutObject", "GetObject"):
        faults.always(operation, "refused")
        with pytest.raises(Unconfirmed if operation == "PutObject" else StoreUnavailable):
            append(log, key="during") if operation == "PutObject" else log.catch_up()
    faults.plan({})
    append(log, key="during")
    assert log.size == 2


def test_a_log_lives_behind_https(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only there would the SDK send bodies in pieces, with the checksum behind them."""
    with running_seaweed(tmp_path / "weed", an_identity(tmp_path / "tls")) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        url = server.store_url(server.new_bucket(), "log")
        log = a_busy_log(open_store(url))
        again = a_log(open_store(url))
        assert list(again.entries(0, log.size)) == list(log.entries(0, log.size))
        findings = list(fsck(open_store(url, writing=False), SIGNER.vkey))
        assert is_sound(findings), "\n".join(map(str, findings))
        monkeypatch.delenv("AWS_CA_BUNDLE")
        with pytest.raises(StoreUnavailable, match="certificate"):
            open_store(url, writing=False).get("checkpoint")
