"""Store or database away: nobody is told that something is recorded, nothing is half recorded, and
once it is back everything goes on by itself."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from apiflask import APIFlask
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

from ledger import LedgerError
from portal.errors import PortalError
from tests.builders import SAMPLES, a_house, close_house, sign_in_buyer
from tests.journeys.cast import People
from tests.journeys.door import Door
from tests.journeys.examining import examine
from tests.journeys.story import Story, form
from tests.people import form_token
from tests.seaweed import Seaweed, seaweed

__all__ = ["seaweed"]

SILK = SAMPLES / "silk-shirt"


@dataclass
class Place:
    """Where a portal keeps its things, and how to take that away and bring it back."""

    settings: dict[str, str]
    take_away: Callable[[], object]
    bring_back: Callable[[], object]
    missing: str
    app: list[APIFlask] = field(default_factory=list)


@pytest.fixture
def folder_store(tmp_path: Path) -> Place:
    """A disk that is unmounted: its folder is somewhere else for a while."""
    store, elsewhere = tmp_path / "store", tmp_path / "elsewhere"

    def mount() -> None:
        if store.exists():
            assert not any(store.rglob("*/*")), "records were written beside the missing disk"
            shutil.rmtree(store)
        elsewhere.rename(store)

    settings = {"store_url": f"folder:{store}"}
    return Place(settings, lambda: store.rename(elsewhere), mount, "store")


@pytest.fixture
def s3_store(seaweed: Seaweed, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    for name, value in seaweed.environment.items():
        monkeypatch.setenv(name, value)
    address = urlsplit(seaweed.endpoint)
    with Door((address.hostname, address.port)) as door:
        bucket = seaweed.new_bucket()
        behind = Seaweed(f"http://127.0.0.1:{door.port}")
        yield Place({"store_url": behind.store_url(bucket)}, door.shut, door.open, "store")


@pytest.fixture
def database(postgres_url: str) -> Iterator[Place]:
    """PostgreSQL behind a door, as after a restart or a broken network."""
    url = make_url(postgres_url)
    socket = url.query.get("host")
    port = url.port or 5432
    upstream = f"{socket}/.s.PGSQL.{port}" if socket else (url.host or "localhost", port)
    with Door(upstream) as door:
        there = url.set(host="127.0.0.1", port=door.port, query={})
        settings = {"database_url": there.render_as_string(hide_password=False)}
        yield Place(settings, door.shut, door.open, "database")


@pytest.fixture(params=["folder_store", "s3_store", "database"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    found: Place = request.getfixturevalue(request.param)
    yield found
    for app in found.app:
        close_house(app)


@pytest.fixture
def story(place: Place, tmp_path: Path) -> Story:
    """A claim that could be sent and is not yet."""
    app = a_house(tmp_path / "home", **place.settings)
    place.app.append(app)
    story = Story(app, SILK, people=People.of(app, SILK))
    story.hand_over()
    story.start_claim()
    return story


def test_what_is_away_is_said_and_what_is_back_goes_on(place: Place, story: Story) -> None:
    assert health(story) == (200, True)
    place.take_away()
    for attempt in range(2):
        told = story.send("BUYER", "POST", f"/claims/{story.draft_id}/send", key="send")
        assert told.status_code == 503, told.text
        assert "再按一次" in told.json["message"], attempt
    assert health(story) == (503, False)
    assert story.app.test_client().get("/health").json[place.missing] is False
    place.bring_back()
    assert health(story) == (200, True)
    finish(story)
    assert list(examine(story)) == []


def test_a_page_says_it_in_a_sentence_too(place: Place, story: Story) -> None:
    page, path = sign_in_buyer(story.app, "silk-shirt"), f"/claims/draft/{story.draft_id}/check"
    token = form_token(page, path)
    place.take_away()
    told = page.post(path, data={"csrf_token": token})
    assert told.status_code == 503
    assert "再按一次" in told.text
    assert "</html>" in told.text
    place.bring_back()
    assert page.post(path, data={"csrf_token": token}).status_code == 303


def test_a_file_that_could_not_be_stored_is_not_an_exhibit(place: Place, story: Story) -> None:
    story.send_claim()
    place.take_away()
    path = story.of_case("evidence")
    parts = {"file": SILK / "evidence" / "merchant" / "outbound.jpg", "kind": "PHOTO"}
    told = story.send("MERCHANT", "POST", path, key="photo", **form(parts))
    assert told.status_code == 503, told.text
    place.bring_back()
    assert [x.number for x in story.case.exhibits if x.side == "MERCHANT"] == []
    taken = story.call("MERCHANT", "POST", path, key="photo", **form(parts))
    assert taken["number"] == "M1"
    finish(story)
    assert list(examine(story)) == []


def test_duties_wait_for_what_is_away_and_are_done_once(place: Place, story: Story) -> None:
    story.send_claim()
    story.answer()
    place.take_away()
    with pytest.raises((PortalError, LedgerError, OperationalError)):
        story.house.duties.perform("SEAT", story.case_no, "")
    place.bring_back()
    finish(story)
    assert list(examine(story)) == []


def finish(story: Story) -> None:
    """On to the end, without the files of the case folder."""
    story.send_claim()
    story.go_on()


def health(story: Story) -> tuple[int, bool]:
    answer = story.app.test_client().get("/health")
    return answer.status_code, answer.json["ok"]
