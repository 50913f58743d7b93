"""A file comes in once, proven, encrypted and numbered."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from apiflask import APIFlask
from msgspec import convert

from portal.access import Actor, Role
from portal.config import Limits
from portal.errors import BadInput, NotAllowed, NotFound, Refused
from portal.events import FileRef
from portal.evidence import desk
from portal.evidence.intake import of_draft, take, uploads_of
from portal.evidence.prove import UploadRefused
from portal.evidence.tables import Upload
from portal.house import House
from tests.builders import (
    SAMPLES,
    a_file,
    a_house,
    buyer_of,
    close_house,
    document,
    file_sample,
    house_of,
)
from tests.houses import case_of

SILK = "silk-shirt"
TAG = SAMPLES / SILK / "evidence" / "buyer" / "tag.jpg"
CHAT = SAMPLES / SILK / "evidence" / "buyer" / "chat_screenshot.png"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    app = a_house(tmp_path)
    yield house_of(app)
    close_house(app)


@pytest.fixture
def kid(house: House) -> str:
    return house.keyring.make().kid


def bring(house: House, kid: str, path: Path, draft: str = "1" * 32, **words: str) -> Upload:
    with closing(a_file(path)) as file:
        return take(house, file, of_draft(draft, kid), **words)


def test_a_photo_is_stored_as_it_came_and_shown_without_its_metadata(
    house: House, kid: str
) -> None:
    upload = bring(house, kid, TAG)
    file, picture = convert(upload.file, FileRef), convert(upload.picture, FileRef)
    assert house.files.read(file) == TAG.read_bytes()
    assert b"GPS" not in house.files.read(picture)
    assert b"Exif" not in house.files.read(picture)
    assert (upload.kind, upload.captured_at) == ("PHOTO", "2026-11-08T19:48:22")


def test_the_same_bytes_twice_are_one_upload(house: House, kid: str) -> None:
    with ThreadPoolExecutor(2) as both:
        first, second = both.map(lambda _: bring(house, kid, TAG).id, range(2))
    assert first == second
    assert bring(house, kid, TAG).id == first


def test_two_owners_have_uploads_of_their_own(house: House, kid: str) -> None:
    assert bring(house, kid, TAG).id != bring(house, kid, TAG, draft="2" * 32).id


@pytest.mark.parametrize(
    "name", ["01_html.jpg", "03_script.svg", "04_bomb.png", "07_bomb.zip", "08_empty.jpg"]
)
def test_a_hostile_file_leaves_no_row(house: House, kid: str, name: str) -> None:
    with pytest.raises(UploadRefused):
        bring(house, kid, SAMPLES / "hostile" / name)
    with house.sessions() as session:
        assert uploads_of(session, f"draft:{'1' * 32}") == []


def test_a_side_can_hand_in_no_more_than_it_may(tmp_path: Path) -> None:
    app = a_house(tmp_path, limits=Limits(max_files_per_side=1))
    house = house_of(app)
    kid = house.keyring.make().kid
    bring(house, kid, TAG)
    with pytest.raises(Refused):
        bring(house, kid, CHAT)
    bring(house, kid, TAG)  # it is in already
    close_house(app)


def test_an_unknown_kind_and_an_endless_note_are_refused(house: House, kid: str) -> None:
    for words in ({"kind": "GOSSIP"}, {"note": "x" * 501}):
        with pytest.raises(BadInput):
            bring(house, kid, TAG, **words)


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[APIFlask, str]]:
    app = a_house(tmp_path_factory.mktemp("portal"))
    yield app, file_sample(app, SILK, files=False)
    close_house(app)


def add(app: APIFlask, case_no: str, path: Path, actor: Actor | None = None) -> desk.Added:
    with closing(a_file(path)) as file:
        return desk.add(house_of(app), actor or buyer_of(SILK), case_no, file)


def shop() -> Actor:
    merchant = document(SILK, "livestream.json")["merchant"]
    return Actor(
        3, frozenset({Role.MERCHANT}), platform="hailiao-live", shop_id=merchant["shop_id"]
    )


def test_each_side_counts_its_own_exhibits(filed: tuple[APIFlask, str]) -> None:
    app, case_no = filed
    buyers = add(app, case_no, TAG)
    shops = add(app, case_no, CHAT, shop())
    assert (buyers.number, shops.number) == ("B1", "M1")
    assert add(app, case_no, TAG) == buyers


def test_files_that_arrive_at_once_get_numbers_of_their_own(
    filed: tuple[APIFlask, str],
) -> None:
    app, case_no = filed
    folder = SAMPLES / SILK / "evidence" / "merchant"
    names = ("detail_page.png", "outbound.jpg", "inspection.pdf")
    with ThreadPoolExecutor(3) as three:
        added = list(three.map(lambda name: add(app, case_no, folder / name, shop()), names))
    assert len({each.number for each in added}) == 3
    numbers = [x.number for x in case_of(house_of(app), case_no).exhibits]
    assert len(numbers) == len(set(numbers))


def test_a_stranger_finds_no_case_and_an_office_adds_nothing(
    filed: tuple[APIFlask, str],
) -> None:
    app, case_no = filed
    with pytest.raises(NotFound):
        add(app, case_no, TAG, Actor(9, frozenset({Role.MERCHANT}), shop_id="shop-x"))
    with pytest.raises(NotAllowed):
        add(app, case_no, TAG, Actor(9, frozenset({Role.ASSOCIATION})))
