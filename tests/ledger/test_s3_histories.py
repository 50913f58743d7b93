"""A history over S3 with one request of it going wrong, in every way in which one can.

The history is that of test_faults.py, on a real server; faults are put between boto3 and the
network (faults.py). By default some requests go wrong in one way each, with TEST_KILLS=all in the
environment every request in every way.
"""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from ledger.stores.s3 import S3Store
from tests.ledger.faults import Faults, faults
from tests.ledger.test_faults import ALL, STEPS, Life, assert_nothing_is_lost
from tests.seaweed import Seaweed, bucket, client, seaweed

__all__ = ["bucket", "client", "faults", "seaweed"]

# Alone, and beside another writer.
STEP = (1, 1) if ALL else (2, 7)
WAYS = {
    "PutObject": ("412", "409", "500", "503", "timeout", "lost", "reset", "500 after", "twice"),
    "GetObject": ("500", "503", "timeout", "cut", "reset", "nonsense"),
    "ListObjectsV2": ("500", "503", "timeout", "cut", "nonsense"),
}


def live(store: S3Store, other: S3Store | None) -> list[Life]:
    lives = [Life(store, "one"), *([Life(other, "other")] if other else [])]
    for step in STEPS:
        for life in lives:
            life.take_whatever_happens(step)
    return lives


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside another"])
@pytest.mark.parametrize("operation", WAYS)
def test_no_request_can_go_wrong_so_that_something_is_lost(
    seaweed: Seaweed, client: Any, bucket: str, faults: Faults, operation: str, beside: bool
) -> None:
    untouched = seaweed.client()
    number = lived = 0
    # Until the history is over before it makes so many requests.
    while not number or faults.made(operation) >= number:
        number += STEP[beside]
        ways = WAYS[operation]
        for way in ways if ALL else ways[number // STEP[beside] % len(ways) :][:1]:
            prefix = secrets.token_hex(8)
            other = S3Store(untouched, bucket, prefix)
            faults.plan({(operation, number): way})
            lives = live(S3Store(client, bucket, prefix), other if beside else None)
            assert_nothing_is_lost(other, lives)
            lived += 1
    untouched.close()
    assert lived > (0 if operation == "ListObjectsV2" else 2)
