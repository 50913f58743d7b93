"""S3 when the network is not kind: every ambiguous answer, on a real server."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger import Log, StoreLies, StoreUnavailable, Unconfirmed
from ledger.fsck import fsck, is_sound
from ledger.s3 import ATTEMPTS, S3Store, connect
from tests.ledger.builders import SIGNER, a_log, append
from tests.ledger.faults import DONE, NOT_DONE, Faults
from tests.seaweed import Seaweed, seaweed

__all__ = ["seaweed"]

ONE_FAULT = [pytest.param({("PutObject", 1): fault}, id=fault) for fault in (*NOT_DONE, *DONE)]
TWO_FAULTS = [
    pytest.param({("PutObject", 1): first, ("GetObject", 1): "timeout"}, id=f"{first}, then blind")
    for first in (*NOT_DONE, *DONE)
]


@pytest.fixture(scope="module")
def client(seaweed: Seaweed) -> Iterator[Any]:
    client = seaweed.client()
    yield client
    client.close()


@pytest.fixture(scope="module")
def bucket(seaweed: Seaweed) -> str:
    return seaweed.new_bucket()


@pytest.fixture
def faults(client: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Faults]:
    monkeypatch.setattr("ledger.s3._FIRST_PAUSE_SECONDS", 0.001)
    faults = Faults(client)
    yield faults
    faults.close()


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


@pytest.mark.parametrize("plan", ONE_FAULT)
def test_a_pointer_moves_once_whatever_the_answer(
    store: S3Store, faults: Faults, plan: Any
) -> None:
    store.create("checkpoint", b"1")
    faults.plan(plan)
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


@pytest.mark.parametrize(
    ("request_name", "ask"),
    [
        ("GetObject", lambda store: store.get("a")),
        ("GetObject", lambda store: store.read("a", 0, 1)),
        ("HeadObject", lambda store: store.size("a")),
        ("ListObjectsV2", lambda store: list(store.keys(""))),
        ("DeleteObject", lambda store: store.delete("a")),
        ("PutObject", lambda store: store.create("a", b"")),
    ],
)
@pytest.mark.parametrize("fault", ["refused", "timeout", "503"])
def test_nothing_of_botocore_leaks(
    store: S3Store, faults: Faults, request_name: str, ask: Any, fault: str
) -> None:
    faults.always(request_name, fault)
    with pytest.raises(StoreUnavailable):
        ask(store)


def test_two_processes_on_one_bucket_keep_every_entry_once(store: S3Store) -> None:
    logs = [a_log(store), a_log(store)]
    for number in range(10):
        for log in logs:
            append(log, f"case/{logs.index(log)}", key=f"{logs.index(log)} {number}")
    assert [log.catch_up() for log in logs] == [20, 20]
    logs[0].publish()
    assert is_sound(fsck(store, SIGNER.vkey))


def test_a_store_that_ignores_if_none_match_is_refused(store: S3Store, client: Any) -> None:
    def forget(params: dict[str, Any], **_: Any) -> None:
        params.pop("IfNoneMatch", None)

    client.meta.events.register("before-parameter-build.s3.PutObject", forget)
    try:
        with pytest.raises(StoreLies, match="If-None-Match"):
            store.prove_exclusive()
    finally:
        client.meta.events.unregister("before-parameter-build.s3.PutObject", forget)
    store.prove_exclusive()
    assert list(store.keys("")) == []


def test_the_sdk_never_repeats_by_itself(
    seaweed: Seaweed, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in seaweed.environment.items():
        monkeypatch.setenv(name, value)
    client = connect(bucket, "", seaweed.endpoint, None)._client
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
