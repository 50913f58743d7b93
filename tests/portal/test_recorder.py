"""The one door: exactly once, never a stale refusal, never a false confirmation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ledger import StoreUnavailable, read_content
from portal.claims.commands import ShipReturn
from portal.errors import Refused, Unconfirmed
from portal.house import House
from portal.responses.commands import FileResponse
from tests.houses import case_of, file_a_claim, open_house
from tests.values import CASE_NO


@pytest.fixture
def house(tmp_path: Path) -> House:
    return open_house(tmp_path)


def answer(kind: str) -> FileResponse:
    return FileResponse(CASE_NO, kind, "与直播所说一致", "AS_SAID", None, (), ())


def test_the_same_command_sent_twice_counts_once_and_gives_the_same_receipt(house: House) -> None:
    file_a_claim(house)
    first = house.recorder.record(answer("DENY"), by="MERCHANT", command_id="a")
    second = house.recorder.record(answer("DENY"), by="MERCHANT", command_id="a")
    assert first == second
    assert len(house.log.stream_entries(f"case/{CASE_NO}")) == 4


def test_of_two_merchants_at_once_one_answer_counts(house: House) -> None:
    file_a_claim(house)

    def send(number: int) -> str:
        try:
            wish = answer("DENY" if number % 2 else "AGREE")
            house.recorder.record(wish, by="MERCHANT", command_id=f"a{number}")
        except Refused as refused:
            return refused.message
        return "recorded"

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(send, range(8)))
    assert outcomes.count("recorded") == 1
    assert set(outcomes) == {"recorded", "本案已经答复过，不能再改"}
    codes = [read_content(entry).type for entry in house.log.stream_entries(f"case/{CASE_NO}")]
    assert codes.count("RESPONSE_FILED") == 1


def test_a_refusal_is_decided_again_on_what_another_process_recorded(tmp_path: Path) -> None:
    ours = open_house(tmp_path)
    theirs = open_house(tmp_path, database_url=f"sqlite:///{tmp_path / 'other.sqlite'}")
    file_a_claim(ours)
    ours.recorder.record(answer("AGREE"), by="MERCHANT", command_id="a")
    # Their rows have never heard of the case: a decision on them alone would refuse the parcel.
    parcel = ShipReturn(CASE_NO, "sf", "SF1")
    theirs.recorder.record(parcel, by="BUYER", command_id="s")
    assert case_of(theirs).state == "RETURNING"


def test_a_command_that_another_process_recorded_gives_its_receipt(tmp_path: Path) -> None:
    ours = open_house(tmp_path)
    theirs = open_house(tmp_path, database_url=f"sqlite:///{tmp_path / 'other.sqlite'}")
    file_a_claim(ours)
    first = ours.recorder.record(answer("AGREE"), by="MERCHANT", command_id="a")
    assert theirs.recorder.record(answer("AGREE"), by="MERCHANT", command_id="a") == first


def test_a_refused_command_leaves_no_trace(house: House) -> None:
    file_a_claim(house)
    size = house.log.size
    with pytest.raises(Refused):
        house.recorder.record(ShipReturn(CASE_NO, "sf", "1"), by="BUYER", command_id="s")
    assert house.log.catch_up() == size


def test_a_store_that_is_away_gives_no_receipt_and_the_repetition_counts_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_a_claim(house)
    with monkeypatch.context() as patch:
        patch.setattr(house.store, "create", away)
        with pytest.raises(Unconfirmed) as told:
            house.recorder.record(answer("DENY"), by="MERCHANT", command_id="a")
    assert "再按一次" in told.value.message
    receipt = house.recorder.record(answer("DENY"), by="MERCHANT", command_id="a")
    assert receipt.count == 1
    assert case_of(house).response is not None


def test_an_answer_lost_after_the_store_took_it_is_found_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_a_claim(house)
    with monkeypatch.context() as patch:
        lose_the_answer(house, patch)
        with pytest.raises(Unconfirmed):
            house.recorder.record(answer("DENY"), by="MERCHANT", command_id="a")
    house.recorder.record(answer("DENY"), by="MERCHANT", command_id="a")
    codes = [read_content(entry).type for entry in house.log.stream_entries(f"case/{CASE_NO}")]
    assert codes.count("RESPONSE_FILED") == 1


def away(key: str, content: bytes, *, keep: bool = False) -> bool:
    raise StoreUnavailable("the disk is gone")


def lose_the_answer(house: House, patch: pytest.MonkeyPatch) -> None:
    create = house.store.create

    def stored_but_silent(key: str, content: bytes, *, keep: bool = False) -> bool:
        create(key, content, keep=keep)
        raise StoreUnavailable("no answer")

    patch.setattr(house.store, "create", stored_but_silent)
