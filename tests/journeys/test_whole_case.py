"""Whole cases through the API, each ending in money, a clean ledger and receipts that hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest

from ledger.bundles.verify import verify_bundle
from ledger.checking.fsck import is_sound
from tests.builders import SAMPLES, a_house, close_house
from tests.journeys.cast import People
from tests.journeys.examining import examine, rows_of
from tests.journeys.story import API, Story
from tests.journeys.synthetic import GRANTED_FEN, write_case
from tests.seaweed import Seaweed, seaweed

__all__ = ["seaweed"]

Play = Callable[[Path], Story]
WHO_MAY_HAVE_THE_PACK = ("ASSOCIATION", "OPERATOR", "BUYER", "MERCHANT")


@pytest.fixture(params=["sqlite and a folder", "postgres and s3"])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Where a portal keeps its rows and its records, as settings."""
    if request.param == "sqlite and a folder":
        return {}
    server: Seaweed = request.getfixturevalue("seaweed")
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    store = server.store_url(server.new_bucket(), "mingan")
    return {"database_url": request.getfixturevalue("postgres_url"), "store_url": store}


@pytest.fixture
def play(tmp_path: Path, place: dict[str, str]) -> Iterator[Play]:
    """play(folder) -> the finished story, in a portal of its own."""
    app = a_house(tmp_path / "home", **place)

    def play_one(folder: Path) -> Story:
        story = Story(app, folder, people=People.of(app, folder, each=8))
        story.play()
        return story

    yield play_one
    close_house(app)


@dataclass(frozen=True)
class Expected:
    outcome: str
    refund_fen: int
    owed: tuple[tuple[str, int | None], ...]
    ballots: int


SILK = Expected("UPHELD", 32_900, (("CONTRACT_PENALTY", 98_700),), 7)
DOWN = Expected("DEFAULT_UPHELD", 59_900, (("FREIGHT_RETURN", None),), 0)
OTHER = Expected("PARTLY_UPHELD", GRANTED_FEN, (), 10)


def test_the_silk_shirt_is_decided_by_ballots_after_an_offer_was_declined(
    play: Play,
) -> None:
    story = play(SAMPLES / "silk-shirt")
    assert ended(story) == SILK
    assert story.case.offer_declined
    check_everything(story)


def test_the_down_jacket_is_decided_by_the_clock(play: Play) -> None:
    story = play(SAMPLES / "down-jacket")
    assert ended(story) == DOWN
    check_everything(story)


def test_a_case_of_other_people_goods_and_numbers_ends_as_well(
    tmp_path: Path,
    play: Play,
) -> None:
    story = play(write_case(tmp_path / "case"))
    assert ended(story) == OTHER
    assert len(story.case.drawn.seats) == 13
    assert story.case.voting_closed.why == "DEADLINE"
    check_everything(story)


def ended(story: Story) -> Expected:
    case = story.case
    return Expected(
        outcome=case.ruling.outcome,
        refund_fen=case.refund.amount_fen,
        owed=tuple((owed.code, owed.amount_fen) for owed in case.ruling.owed),
        ballots=len(case.revealed),
    )


def check_everything(story: Story) -> None:
    """Money once, ledger and rows clean, receipts borne out, packs verified, rebuild equal."""
    assert list(examine(story)) == []
    check_packs(story)
    check_receipts(story)
    before = rows_of(story.house)
    story.house.projection.rebuild()
    assert rows_of(story.house) == before


def check_packs(story: Story) -> None:
    vkey = public(story, "/log/vkey").strip()
    for who in WHO_MAY_HAVE_THE_PACK:
        pack = story.send(who, "GET", story.of_case("bundle"))
        assert pack.status_code == 200, who
        findings = list(verify_bundle(BytesIO(pack.data), vkey))
        assert findings
        assert is_sound(findings), findings


def check_receipts(story: Story) -> None:
    """Anybody gets the proof of any receipt that was given."""
    for receipt in story.notebook.receipts:
        proof = public(story, f"/receipts/{receipt['index']}")
        assert f"index {receipt['index']}" in proof


def public(story: Story, path: str) -> str:
    response = story.app.test_client().get(API + path)
    assert response.status_code == 200
    return str(response.text)
