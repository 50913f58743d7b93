"""Handing over a session: its document, and the replay, transcript and chat that go with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from portal.access import Actor
from portal.errors import BadInput
from portal.house import House
from portal.livestreams.desk import HandedOver, take_livestream
from portal.livestreams.tables import LivestreamRow, PromiseRow
from tests.builders import SAMPLES, platform_of
from tests.houses import open_house

SILK = SAMPLES / "silk-shirt"
PLATFORM = platform_of("silk-shirt")
SESSION = json.loads((SILK / "livestream.json").read_text())
NAME = (SESSION["platform"], SESSION["session_id"])


@pytest.fixture
def house(tmp_path: Path) -> House:
    return open_house(tmp_path)


@pytest.fixture
def silk() -> HandedOver:
    return HandedOver(
        session=(SILK / "livestream.json").read_bytes(),
        replay=SILK / "replay.mp4",
        transcript=(SILK / "transcript.json").read_bytes(),
        chat=(SILK / "chat.csv").read_bytes(),
    )


def session(**changes: Any) -> bytes:
    return json.dumps(SESSION | changes).encode()


def replay(**changes: Any) -> bytes:
    return session(replay=SESSION["replay"] | changes)


def refused_field(house: House, given: HandedOver, actor: Actor = PLATFORM) -> str:
    with pytest.raises(BadInput) as refused:
        take_livestream(house, actor, given)
    return refused.value.field


def test_a_session_is_in_the_rows_with_its_promises(house: House, silk: HandedOver) -> None:
    take_livestream(house, PLATFORM, silk)
    with house.sessions() as rows:
        row, promise = rows.get(LivestreamRow, NAME), rows.get(PromiseRow, (*NAME, "PA-5"))
    assert row is not None
    assert promise is not None
    assert (row.shop, row.duration_ms) == ("澜禾服饰旗舰店", 175_000)
    assert "百分之七十" in (promise.correction or "")


def test_the_same_session_again_gives_the_same_receipt_and_stores_nothing(
    house: House, silk: HandedOver
) -> None:
    first = take_livestream(house, PLATFORM, silk)
    stored = list(house.store.keys("blob/"))
    assert take_livestream(house, PLATFORM, silk) == first
    assert list(house.store.keys("blob/")) == stored


def test_what_was_said_on_air_gets_no_second_version(house: House, silk: HandedOver) -> None:
    take_livestream(house, PLATFORM, silk)
    assert refused_field(house, replace(silk, chat=None)) == "session_id"


def test_a_session_without_transcript_chat_and_corrections_is_taken(
    house: House, silk: HandedOver
) -> None:
    document = {key: value for key, value in SESSION.items() if key != "corrections"}
    document["promises"] = [p | {"corrected_by": None} for p in SESSION["promises"]]
    given = HandedOver(json.dumps(document).encode(), silk.replay)
    assert take_livestream(house, PLATFORM, given).session_id == NAME[1]
    with house.sessions() as rows:
        row = rows.get(LivestreamRow, NAME)
    assert row is not None
    assert (row.transcript, row.chat) == (None, None)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (lambda: replay(sha256="0" * 64), "replay.sha256"),
        (lambda: replay(bytes=1), "replay.bytes"),
        (lambda: replay(duration_ms=180_000), "replay.duration_ms"),
        (lambda: session(platform="another-live"), "platform"),
        (lambda: session(schema="livestream/2"), "schema"),
        (
            lambda: session(corrections=[SESSION["corrections"][0] | {"corrects": "PA-9"}]),
            "corrections.0.corrects",
        ),
    ],
)
def test_a_document_that_does_not_fit_its_replay_is_refused(
    house: House, silk: HandedOver, content: Callable[[], bytes], field: str
) -> None:
    assert refused_field(house, replace(silk, session=content())) == field
    assert list(house.store.keys("blob/")) == []


def test_a_replay_that_does_not_play_is_refused(house: House, tmp_path: Path) -> None:
    content = b"<html>not a film</html>"
    fake = tmp_path / "replay.mp4"
    fake.write_bytes(content)
    stated = replay(bytes=len(content), sha256=sha256(content).hexdigest())
    assert refused_field(house, HandedOver(stated, fake)) == "replay"


def test_a_picture_is_no_replay(house: House) -> None:
    tag = SILK / "evidence" / "buyer" / "tag.jpg"
    content = tag.read_bytes()
    stated = replay(bytes=len(content), sha256=sha256(content).hexdigest())
    assert refused_field(house, HandedOver(stated, tag)) == "replay"


def test_a_transcript_of_another_session_is_refused(house: House, silk: HandedOver) -> None:
    other = (SAMPLES / "down-jacket" / "transcript.json").read_bytes()
    assert refused_field(house, replace(silk, transcript=other)) == "transcript.session_id"


@pytest.mark.parametrize(
    "chat",
    [
        b"",
        b"\xff\xfe",
        b"user,text\n",
        b"time,offset_ms,user,role,text\nyesterday,1,a,viewer,b\n",
        b"time,offset_ms,user,role,text\n2026-11-05T20:15:02+08:00,-1,a,viewer,b\n",
        b'time,offset_ms,user,role,text\n2026-11-05T20:15:02+08:00,1,a,viewer,"b\n',
    ],
)
def test_a_chat_in_another_form_is_refused(house: House, silk: HandedOver, chat: bytes) -> None:
    assert refused_field(house, replace(silk, chat=chat)) == "chat"
