"""Public randomness: named before it exists, held against its digest, and waited for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from apiflask import APIFlask

from portal.errors import NotReady
from portal.panels.beacon import LEAD_SECONDS, Beacon
from portal.witnessing import read_chain
from reviewers.checkpoints import cosignatures, read_checkpoint
from reviewers.draw import seed
from tests.builders import house_of
from tests.houses import case_of, perform_todo
from tests.ledger.websites import serving_files
from tests.portal.rooms import invite_a_panel

CHAIN = "5e" * 32
GENESIS, PERIOD = 1_700_000_000, 30
SIGNATURE = b"round one hundred"
NOW = datetime.fromtimestamp(GENESIS + 3000 - 95, UTC)


def pulse(number: int, **changes: object) -> str:
    fields = {
        "round": number,
        "signature": SIGNATURE.hex(),
        "randomness": hashlib.sha256(SIGNATURE).hexdigest(),
    }
    return json.dumps(fields | changes)


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    folder = tmp_path / CHAIN
    (folder / "public").mkdir(parents=True)
    info = {"hash": CHAIN, "period": PERIOD, "genesis_time": GENESIS}
    (folder / "info").write_text(json.dumps(info))
    return folder


@pytest.fixture
def beacon(chain: Path) -> Iterator[Beacon]:
    with serving_files(chain.parent) as address:
        yield Beacon(f"{address}/{CHAIN}", lambda: NOW)


def test_the_round_that_is_named_lies_in_the_future(beacon: Beacon) -> None:
    named = beacon.coming()
    number = int(named.removeprefix(f"{CHAIN}/"))
    begins = GENESIS + (number - 1) * PERIOD  # drand: round 1 comes at the genesis time
    ahead = begins - NOW.timestamp()
    assert LEAD_SECONDS < ahead <= LEAD_SECONDS + PERIOD


def test_a_draw_waits_for_its_round_and_takes_its_signature(beacon: Beacon, chain: Path) -> None:
    with pytest.raises(NotReady):
        beacon.signature(f"{CHAIN}/100")
    (chain / "public" / "100").write_text(pulse(100))
    assert beacon.signature(f"{CHAIN}/100") == SIGNATURE


@pytest.mark.parametrize(
    "answer",
    [
        pulse(101),
        pulse(100, randomness="00" * 32),
        pulse(100, signature="zz"),
        pulse(100, signature=7),
        "[]",
        "{}",
        "no json",
        "[" * 5000,
    ],
)
def test_an_answer_that_is_not_that_round_is_not_taken(
    beacon: Beacon, chain: Path, answer: str
) -> None:
    (chain / "public" / "100").write_text(answer)
    with pytest.raises(NotReady):
        beacon.signature(f"{CHAIN}/100")


def test_a_round_of_another_chain_is_not_asked_for(beacon: Beacon) -> None:
    with pytest.raises(NotReady):
        beacon.signature(f"{'aa' * 32}/100")


@pytest.mark.parametrize("changes", [{"hash": "aa" * 32}, {"period": 0}, {"genesis_time": "1"}])
def test_a_chain_that_is_not_what_its_address_says_is_not_used(
    beacon: Beacon, chain: Path, changes: dict[str, object]
) -> None:
    info = {"hash": CHAIN, "period": PERIOD, "genesis_time": GENESIS} | changes
    (chain / "info").write_text(json.dumps(info))
    with pytest.raises(NotReady):
        beacon.coming()


def test_an_address_without_a_chain_is_a_wrong_setting() -> None:
    assert read_chain(f"https://beacon.example/{CHAIN}/") == f"https://beacon.example/{CHAIN}"
    for wrong in ("https://beacon.example", f"ftp://beacon.example/{CHAIN}", "https://x/zz"):
        with pytest.raises(ValueError, match="must"):
            read_chain(wrong)


def test_a_panel_is_drawn_when_the_round_it_named_has_come(
    app: APIFlask, beacon: Beacon, chain: Path
) -> None:
    plain = house_of(app)
    house = replace(plain, duties=replace(plain.duties, beacon=beacon))
    app.extensions["mingan"] = house
    with pytest.raises(NotReady):
        invite_a_panel(app)
    called = case_of(house).called
    assert called is not None
    assert case_of(house).drawn is None
    number = called.beacon.removeprefix(f"{CHAIN}/")
    (chain / "public" / number).write_text(pulse(int(number)))
    perform_todo(house)
    drawn = case_of(house).drawn
    assert drawn is not None
    parts = (*cosignatures(drawn.checkpoint), SIGNATURE)
    assert drawn.extra == tuple(part.hex() for part in parts)
    root = read_checkpoint(drawn.checkpoint).root
    assert drawn.seed == seed(called.case_no, 1, root, parts).hex()


def test_a_draw_does_not_go_on_without_the_chain_that_was_named(
    app: APIFlask, beacon: Beacon
) -> None:
    house = house_of(app)
    app.extensions["mingan"] = replace(house, duties=replace(house.duties, beacon=beacon))
    with pytest.raises(NotReady):
        invite_a_panel(app)
    with pytest.raises(NotReady):
        perform_todo(house)
    assert case_of(house).drawn is None
