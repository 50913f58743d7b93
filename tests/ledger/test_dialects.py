"""What an answer means, store by store; and what a bucket's lock is agreed to be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ledger import StoreLies
from ledger.stores.dialects import AWS, OSS, Dialect, Meaning
from ledger.stores.retention import BucketLock, Retention, Wish, agree


@pytest.mark.parametrize(
    ("dialect", "status", "code", "meaning"),
    [
        (AWS, 412, "PreconditionFailed", Meaning.CONDITION_FAILED),
        (AWS, 409, "ConditionalRequestConflict", Meaning.UNCLEAR),
        (AWS, 409, "FileAlreadyExists", Meaning.UNCLEAR),
        (AWS, 404, "NoSuchKey", Meaning.ABSENT),
        (AWS, 404, "NoSuchBucket", Meaning.REFUSED),
        (AWS, 416, "InvalidRange", Meaning.PAST_END),
        (AWS, 400, "BadDigest", Meaning.DAMAGED),
        (AWS, 400, "RequestTimeout", Meaning.UNCLEAR),
        (AWS, 400, "InvalidRequest", Meaning.REFUSED),
        (AWS, 403, "AccessDenied", Meaning.REFUSED),
        (AWS, 429, "TooManyRequests", Meaning.UNCLEAR),
        (AWS, 500, "InternalError", Meaning.UNCLEAR),
        (AWS, 503, "SlowDown", Meaning.UNCLEAR),
        (AWS, 501, "NotImplemented", Meaning.REFUSED),
        (OSS, 409, "FileAlreadyExists", Meaning.CONDITION_FAILED),
        (OSS, 409, "OperationConflict", Meaning.UNCLEAR),
        (OSS, 412, "PreconditionFailed", Meaning.CONDITION_FAILED),
    ],
)
def test_an_answer_is_understood_in_the_dialect_of_its_store(
    dialect: Dialect, status: int, code: str, meaning: Meaning
) -> None:
    assert dialect.meaning(status, code) is meaning


def test_checksums_are_those_of_the_specifications() -> None:
    assert AWS.digest(b"abc") == "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
    assert OSS.digest(b"abc") == "kAFQmDzST7DWlj99KOF/cg=="


@pytest.mark.parametrize(
    ("wish", "lock", "agreed"),
    [
        (Wish(), BucketLock.NONE, None),
        (Wish(None, 0), BucketLock.NONE, None),
        (Wish(), BucketLock.ENABLED, Retention("GOVERNANCE", timedelta(1096))),
        (Wish("COMPLIANCE"), BucketLock.ENABLED, Retention("COMPLIANCE", timedelta(1096))),
        (Wish("COMPLIANCE", 30), BucketLock.ENABLED, Retention("COMPLIANCE", timedelta(30))),
        (Wish(None, 0), BucketLock.ENABLED, None),
    ],
)
def test_a_lock_is_what_the_url_and_the_bucket_agree_on(
    wish: Wish, lock: BucketLock, agreed: Retention | None
) -> None:
    assert agree(wish, lock) == agreed


@pytest.mark.parametrize(
    ("wish", "lock"),
    [
        (Wish(), BucketLock.BY_DEFAULT),
        (Wish(None, 0), BucketLock.BY_DEFAULT),
        (Wish(None, 30), BucketLock.NONE),
        (Wish("COMPLIANCE"), BucketLock.NONE),
    ],
)
def test_a_lock_that_cannot_be_kept_is_not_promised(wish: Wish, lock: BucketLock) -> None:
    with pytest.raises(StoreLies):
        agree(wish, lock)


def test_three_years_are_counted_from_the_write() -> None:
    written_at = datetime(2026, 1, 31, tzinfo=UTC)
    assert Retention("GOVERNANCE", timedelta(1096)).until(written_at) == datetime(
        2029, 1, 31, tzinfo=UTC
    )
