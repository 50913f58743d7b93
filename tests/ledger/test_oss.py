"""A store that can create conditionally and not replace: the pointer moves by steps."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from ledger import StoreLies
from ledger.stores.dialects import OSS
from ledger.stores.s3 import S3Store
from ledger.stores.steps import is_step
from tests.ledger.faults import DONE, NOT_DONE, Faults
from tests.otherstores import like_oss, running_front
from tests.seaweed import Seaweed, seaweed

__all__ = ["seaweed"]

# To the write that follows a step, 412 is no answer that a store gives.
FAULTS = [fault for fault in (*NOT_DONE, *DONE) if fault != "412"]


@pytest.fixture(scope="module")
def bucket(seaweed: Seaweed) -> str:
    return seaweed.new_bucket()


@pytest.fixture(scope="module")
def oss_client(seaweed: Seaweed) -> Iterator[Any]:
    with running_front(seaweed, like_oss) as server:
        client = server.client()
        yield client
        client.close()


@pytest.fixture
def oss(oss_client: Any, bucket: str) -> S3Store:
    return S3Store(oss_client, bucket, secrets.token_hex(8), dialect=OSS)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("request_number", [1, 2])
def test_a_pointer_moves_once_by_steps_whatever_the_answer(
    oss: S3Store,
    oss_client: Any,
    fault: str,
    request_number: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ledger.stores.s3._FIRST_PAUSE_SECONDS", 0.001)
    oss.create("checkpoint", b"1")
    faults = Faults(oss_client)
    faults.plan({("PutObject", request_number): fault})
    assert oss.replace("checkpoint", b"2", b"1")
    faults.close()
    assert oss.get("checkpoint") == b"2"
    assert not oss.replace("checkpoint", b"3", b"1")
    assert oss.get("checkpoint") == b"2"


def test_who_dies_after_a_step_is_followed_by_the_next_writer(oss: S3Store) -> None:
    oss.create("checkpoint", b"1")
    oss.replace("checkpoint", b"2", b"1")
    oss._overwrite("checkpoint", b"1")  # the step is taken, the pointer behind
    assert not oss.replace("checkpoint", b"2 of another", b"1")
    assert oss.get("checkpoint") == b"2"
    assert oss.replace("checkpoint", b"3", b"2")


def test_a_writer_that_slept_cannot_set_the_pointer_back_for_good(oss: S3Store) -> None:
    oss.create("checkpoint", b"1")
    for old, new in ((b"1", b"2"), (b"2", b"3")):
        assert oss.replace("checkpoint", new, old)
    oss._overwrite("checkpoint", b"2")  # it wakes and writes what it owned long ago
    assert not oss.replace("checkpoint", b"3 of another", b"2")
    assert oss.get("checkpoint") == b"3"


def test_a_pointer_that_goes_in_circles_is_refused(oss: S3Store) -> None:
    oss.create("checkpoint", b"1")
    assert oss.replace("checkpoint", b"2", b"1")
    with pytest.raises(StoreLies, match="where they began"):
        oss.replace("checkpoint", b"1", b"2")


def test_steps_are_known_by_their_keys(oss: S3Store) -> None:
    oss.create("checkpoint", b"1")
    oss.replace("checkpoint", b"2", b"1")
    (step,) = (key for key in oss.keys("") if key != "checkpoint")
    assert is_step(step, "checkpoint")
    assert not is_step("checkpoint", "checkpoint")
    assert not is_step(step, "log.vkey")
