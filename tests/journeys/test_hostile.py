"""Hostile files, names and documents through the real doors: a sentence, or no harm; never a 5xx,
nothing fetched, nothing served back as it came."""

from __future__ import annotations

import json
import re
import socket
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from tests.builders import SAMPLES, a_house, sign_in_buyer
from tests.journeys.cast import People
from tests.journeys.story import Story, form
from tests.people import form_token

HOSTILE = SAMPLES / "hostile"
NAMES: list[str] = json.loads((HOSTILE / "11_names.json").read_text())
# Decodes as a picture, so it is taken, and must then be harmless; all others are refused.
TAKEN = "02_polyglot.jpg"
REFUSED = sorted(
    path.name
    for path in HOSTILE.iterdir()
    if re.match(r"(0\d|10)_", path.name) and path.name != TAKEN
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ORDERS = sorted(HOSTILE.glob("12*.order.json"))


@dataclass(frozen=True)
class Scene:
    """A buyer with an unsent draft, as a program and in a browser, and a case of another order."""

    story: Story
    other: Story
    page: FlaskClient

    @property
    def draft_path(self) -> str:
        return f"/claims/draft/{self.story.draft_id}"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    app = a_house(tmp_path_factory.mktemp("hostile"))
    folder, other_folder = SAMPLES / "silk-shirt", SAMPLES / "down-jacket"
    story = Story(app, folder, people=People.of(app, folder))
    other = Story(app, other_folder, people=People.known(app, other_folder))
    for one in (story, other):
        one.hand_over()
        one.start_claim()
    other.send_claim()
    return Scene(story, other, sign_in_buyer(app, "silk-shirt"))


# Each door takes (scene, file) and answers; all must hold against every file.
Door = Callable[[Scene, FileStorage], TestResponse]


def api_of_draft(scene: Scene, file: FileStorage) -> TestResponse:
    path = f"/claims/{scene.story.draft_id}/evidence"
    return scene.story.send("BUYER", "POST", path, **form({"file": file}))


def api_of_case(scene: Scene, file: FileStorage) -> TestResponse:
    return scene.other.send(
        "MERCHANT", "POST", scene.other.of_case("evidence"), **form({"file": file})
    )


def page_of_draft(scene: Scene, file: FileStorage) -> TestResponse:
    """The form of step 2, as a browser without scripts sends it."""
    path = f"{scene.draft_path}/evidence"
    token = form_token(scene.page, path)
    parts = {"csrf_token": token, "text": "衬衫不对", "then": "stay", "files": file}
    parts |= {"refund": "REFUND_RETURN", "refund_yuan": "329"}
    return scene.page.post(path, **form(parts))


def script_of_draft(scene: Scene, file: FileStorage) -> TestResponse:
    """One file at a time, as js/upload.js sends it."""
    token = form_token(scene.page, f"{scene.draft_path}/evidence")
    headers = {"Accept": "application/json", "X-CSRFToken": token}
    return scene.page.post(f"{scene.draft_path}/files", headers=headers, **form({"files": file}))


DOORS: list[Door] = [api_of_draft, api_of_case, page_of_draft, script_of_draft]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_file_is_refused_with_a_sentence(scene: Scene, door: Door, name: str) -> None:
    answer = door(scene, opened(HOSTILE / name))
    assert 400 <= answer.status_code < 500, answer.status
    assert CHINESE.search(said(answer)), said(answer)
    assert (HOSTILE / name).read_bytes()[:200] not in answer.data or name == "08_empty.jpg"
    assert uploads(scene) == []


def opened(path: Path, name: str = "") -> FileStorage:
    return FileStorage(BytesIO(path.read_bytes()), filename=name or path.name)


def said(answer: TestResponse) -> str:
    """What the person is told: the JSON's message, or the page's complaints."""
    return str(answer.json["message"]) if answer.is_json else answer.get_data(as_text=True)


def uploads(scene: Scene) -> list[str]:
    from portal.evidence.intake import uploads_of

    with scene.story.house.sessions() as session:
        return [u.name for u in uploads_of(session, f"draft:{scene.story.draft_id}")]


@pytest.mark.parametrize("suffix", [".m3u8", ".mp4", ".ts", ".jpg"])
def test_a_playlist_makes_the_portal_fetch_nothing(
    scene: Scene, tmp_path: Path, suffix: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as bait:
        bait.setblocking(False)
        playlist = tmp_path / f"film{suffix}"
        text = (HOSTILE / "06_ssrf.m3u8").read_text()
        port = bait.getsockname()[1]
        playlist.write_text(re.sub(r"127\.0\.0\.1:\d+", f"127.0.0.1:{port}", text))
        answer = api_of_draft(scene, opened(playlist))
        assert 400 <= answer.status_code < 500
        with pytest.raises(BlockingIOError):
            bait.accept()


@pytest.mark.parametrize("path", ORDERS, ids=lambda path: path.name)
def test_an_order_that_cannot_be_is_refused_by_its_field(scene: Scene, path: Path) -> None:
    size = scene.story.house.log.size
    answer = scene.story.send(
        "PLATFORM", "POST", "/orders", data=path.read_bytes(), content_type="application/json"
    )
    assert answer.status_code == 422, answer.text
    assert answer.json["field"]
    assert CHINESE.search(answer.json["message"])
    assert scene.story.house.log.catch_up() == size


@pytest.mark.parametrize("name", NAMES, ids=ascii)
@pytest.mark.parametrize("door", [api_of_case, page_of_draft], ids=lambda door: door.__name__)
def test_a_hostile_name_is_only_ever_text(scene: Scene, door: Door, name: str) -> None:
    answer = door(scene, named(HOSTILE / "08_empty.jpg", name))
    assert answer.status_code < 500
    # In JSON it may stand as it is: that is never drawn as a page.
    assert answer.is_json or "<img src=x" not in answer.get_data(as_text=True)
    assert "Set-Cookie: a=b" not in str(answer.headers)


def named(path: Path, name: str) -> FileStorage:
    """As browsers send a name: quotes and line ends as percent signs (WHATWG, multipart)."""
    for one in '"\r\n':
        name = name.replace(one, f"%{ord(one):02X}")
    return opened(path, name or " ")


def test_line_ends_in_a_name_break_out_of_no_header(scene: Scene) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a\r\nSet-Cookie: a=b.jpg"'
        b"\r\n\r\nnothing\r\n--x--\r\n"
    )
    answer = scene.other.send(
        "MERCHANT",
        "POST",
        scene.other.of_case("evidence"),
        data=body,
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.status_code < 500
    assert "Set-Cookie" not in answer.headers


def test_what_is_taken_is_served_as_something_harmless(scene: Scene, tmp_path: Path) -> None:
    """The polyglot, and a real picture under each of the names: sent, shown and downloaded."""
    taken = [api_of_draft(scene, opened(HOSTILE / TAKEN))]
    for number, name in enumerate(NAMES):
        taken.append(api_of_draft(scene, named(a_picture(tmp_path, number), name)))
    assert {answer.status_code for answer in taken} == {201}
    scene.story.send_claim()
    page = scene.page.get(f"/cases/{scene.story.case_no}").text
    assert "<img src=x" not in page
    numbers = [x.number for x in scene.story.case.exhibits if x.side == "BUYER"]
    assert len(numbers) == len(taken)
    for number in numbers:
        check_served(scene, number)


def check_served(scene: Scene, number: str) -> None:
    address = f"/cases/{scene.story.case_no}/exhibits/{number}"
    original, picture = scene.page.get(address), scene.page.get(f"{address}/picture")
    assert original.headers["Content-Disposition"].startswith("attachment;")
    assert original.mimetype.startswith("image/")
    assert picture.mimetype == "image/webp"
    assert picture.data.startswith(b"RIFF")
    assert b"<script" not in picture.data
    for answer in (original, picture):
        assert answer.status_code == 200
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    check_name(original.headers["Content-Disposition"])


def check_name(disposition: str) -> None:
    """No path, no control or direction marks, whatever the uploader called it."""
    plain = re.search(r'filename="([^"]*)"', disposition)
    assert plain, disposition
    assert not set(plain.group(1)) & set('/\\"\r\n\0')
    assert all(unicodedata.category(one) not in ("Cc", "Cf") for one in disposition)


def a_picture(folder: Path, number: int) -> Path:
    """A small picture like no other: the same bytes again would be the same upload."""
    path = folder / f"{number}.png"
    Image.new("RGB", (8, 8), (number, 0, 0)).save(path)
    return path
