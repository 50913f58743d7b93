"""What is enqueued is done, and what cannot be done is shown by the name of its error alone."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from portal import engine
from portal.engine import Duty
from portal.house import House
from tests.houses import open_house

PATIENCE = 60.0


def perform(kind: str, case_no: str, _subject: str) -> None:
    if kind == "FAIL":
        raise LookupError(f"the buyer's words in {case_no}")


def failures_of(house: House) -> list[engine.Failure]:
    """As soon as there are any."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := house.outbox.failures(10):
            return list(found)
        time.sleep(0.05)
    raise TimeoutError("nothing failed")


def worked(house: House) -> list[engine.Failure]:
    """In a thread without an event loop: a browser's, of other tests, may run in the main one."""
    engine.start(house.config.database_url, "one", perform)
    try:
        return failures_of(house)
    finally:
        engine.stop()


def test_a_duty_that_fails_each_time_is_listed_by_the_name_of_its_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "PAUSES", (0.0,))
    house = open_house(tmp_path)
    duties = [Duty("WORK", "MA-1"), Duty("FAIL", "MA-2")]
    with house.sessions.begin() as session:
        for duty in duties:
            house.outbox.put(session, duty)
    with ThreadPoolExecutor(1) as apart:
        (failure,) = apart.submit(worked, house).result()
    assert (failure.kind, failure.case_no, failure.error) == ("FAIL", "MA-2", "LookupError")
    assert b"the buyer's words" not in (tmp_path / "mingan.sqlite").read_bytes()


def test_what_was_enqueued_before_is_known(tmp_path: Path) -> None:
    house = open_house(tmp_path)
    old, new = Duty("WORK", "MA-1"), Duty("WORK", "MA-2")
    with house.sessions.begin() as session:
        house.outbox.put(session, old)
    assert house.outbox.unknown([old, new]) == [new]
    assert house.outbox.unknown([]) == []
