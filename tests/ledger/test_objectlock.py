"""Buckets with Object Lock: what is kept cannot be deleted, and what is forged over it shows."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from ledger import NotStored, StoreLies, StoreUnavailable, open_store
from ledger.stores.s3 import S3Store
from ledger.stores.store import Irregular
from tests.seaweed import Seaweed, bucket, client, seaweed

__all__ = ["bucket", "client", "seaweed"]


@pytest.fixture(scope="module")
def lock_bucket(seaweed: Seaweed) -> str:
    return seaweed.new_bucket(object_lock=True)


@pytest.fixture
def locked(seaweed: Seaweed, lock_bucket: str, monkeypatch: pytest.MonkeyPatch) -> S3Store:
    """Opened as an operator does, in a bucket with Object Lock."""
    for name, value in seaweed.environment.items():
        monkeypatch.setenv(name, value)
    url = seaweed.store_url(lock_bucket, secrets.token_hex(8)) + "&lock=COMPLIANCE&retain=1"
    store = open_store(url)
    assert isinstance(store, S3Store)
    return store


def test_a_kept_object_cannot_be_deleted_and_any_other_can(locked: S3Store) -> None:
    locked.create("commit/0", b"a commit", keep=True)
    locked.create_all([("tile/0/000", b"full")], keep=True)
    for key in ("commit/0", "tile/0/000"):
        with pytest.raises(StoreUnavailable, match="AccessDenied"):
            locked.delete(key)
    locked.create("tile/0/001.p/5", b"partial")
    locked.create("keys/one", b"a data key")
    locked.replace("checkpoint", b"1", None)
    locked.replace("checkpoint", b"2", b"1")
    for key in ("tile/0/001.p/5", "keys/one", "checkpoint"):
        locked.delete(key)
        with pytest.raises(NotStored):
            locked.get(key)
    assert list(locked.keys("")) == ["commit/0", "tile/0/000"]


def test_a_lock_lasts_as_long_as_the_url_says(
    seaweed: Seaweed, lock_bucket: str, locked: S3Store, client: Any
) -> None:
    prefix = secrets.token_hex(8)
    url = seaweed.store_url(lock_bucket, prefix)
    for options, mode, days in [
        ("&lock=COMPLIANCE&retain=2", "COMPLIANCE", 2),
        ("&retain=3", "GOVERNANCE", 3),
        ("", "GOVERNANCE", 1096),
    ]:
        store, key = open_store(url + options), f"commit/{days}"
        store.create(key, b"", keep=True)
        head = client.head_object(Bucket=lock_bucket, Key=f"{prefix}/{key}")
        assert head["ObjectLockMode"] == mode
        assert (head["ObjectLockRetainUntilDate"] - head["LastModified"]).days in (days - 1, days)
        assert mode in store.kind
    unlocked = open_store(url + "&retain=0")
    unlocked.create("commit/0", b"", keep=True)
    unlocked.delete("commit/0")


def test_what_is_put_over_a_locked_commit_is_seen(
    locked: S3Store, lock_bucket: str, client: Any
) -> None:
    """Object Lock keeps the old version and lets anybody with a key add a newer one."""
    for number in range(4):
        locked.create(f"commit/{number}", b"true", keep=True)
    prefix = locked._prefix
    client.put_object(Bucket=lock_bucket, Key=f"{prefix}commit/1", Body=b"forged")
    client.delete_object(Bucket=lock_bucket, Key=f"{prefix}commit/2")
    client.delete_object(Bucket=lock_bucket, Key=f"{prefix}commit/3")
    client.put_object(Bucket=lock_bucket, Key=f"{prefix}commit/3", Body=b"forged")
    assert list(locked.irregular("commit/")) == [
        Irregular("commit/1", 2, hidden=False),
        Irregular("commit/2", 1, hidden=True),
        Irregular("commit/3", 2, hidden=False),
    ]


def test_versions_are_counted_over_all_pages(
    locked: S3Store, lock_bucket: str, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        for version in range(4):
            name = f"{locked._prefix}commit/{number}"
            client.put_object(Bucket=lock_bucket, Key=name, Body=b"%d" % version)
    whole = list(locked.irregular(""))
    assert [each.versions for each in whole] == [4, 4, 4]
    paged = locked._bucket.list_versions
    monkeypatch.setattr(
        locked._bucket, "list_versions", lambda prefix, **place: paged(prefix, MaxKeys=3, **place)
    )
    assert list(locked.irregular("")) == whole
    locked.delete("commit/1")
    assert [each.key for each in locked.irregular("")] == ["commit/0", "commit/2"]


def test_an_erased_key_is_not_left_behind_as_a_version(
    locked: S3Store, lock_bucket: str, client: Any
) -> None:
    locked.create("keys/one", b"a data key")
    client.delete_object(Bucket=lock_bucket, Key=f"{locked._prefix}keys/one")
    assert list(locked.irregular("keys/")) == [Irregular("keys/one", 1, hidden=True)]
    locked.delete("keys/one")
    assert list(locked.irregular("keys/")) == []


def test_a_bucket_that_locks_everything_is_refused(
    seaweed: Seaweed, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in seaweed.environment.items():
        monkeypatch.setenv(name, value)
    bucket = seaweed.new_bucket(object_lock=True)
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    client.put_object_lock_configuration(
        Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    with pytest.raises(StoreLies, match="default retention rule"):
        open_store(seaweed.store_url(bucket))
    assert "Contents" not in client.list_objects_v2(Bucket=bucket), "nothing was written"


def test_a_lock_is_not_promised_where_there_is_none(
    seaweed: Seaweed, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in seaweed.environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StoreLies, match="no Object Lock"):
        open_store(seaweed.store_url(bucket, "p") + "&retain=30")
    open_store(seaweed.store_url(bucket, "p") + "&retain=0")
