"""What people read: money, times and digests."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask

from portal import formats


@pytest.fixture(params=["zh", "en"])
def language(request: pytest.FixtureRequest, app: Flask) -> str:
    with app.test_request_context(headers={"Accept-Language": request.param}):
        yield request.param


@pytest.mark.parametrize(
    ("fen", "shown"),
    [(0, "¥0.00"), (5, "¥0.05"), (32900, "¥329.00"), (123456789, "¥1,234,567.89"), (-50, "-¥0.50")],
)
def test_fen_are_shown_exactly(fen: int, shown: str) -> None:
    assert formats.yuan(fen) == shown


def test_a_deadline_names_its_time_zone(language: str) -> None:
    shown = formats.when("2026-11-22T23:10:00.000Z")
    assert (
        shown == {"zh": "11月23日 07:10（北京时间）", "en": "23 Nov 07:10 (Beijing time)"}[language]
    )


def test_a_time_without_zone_is_utc(language: str) -> None:
    assert formats.day(datetime(2026, 12, 31, 16, 0), year=True) == {  # noqa: DTZ001
        "zh": "2027年1月1日",
        "en": "1 Jan 2027",
    }.get(language)


def test_time_left_never_promises_more_than_there_is(app: Flask) -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    with app.test_request_context(headers={"Accept-Language": "zh"}):
        assert formats.left("2026-11-22T01:59:59Z", now) == "还有 1 天 1 小时"
        assert formats.left("2026-11-21T00:00:59Z", now) == "还有 0 分钟"
        assert formats.left("2026-11-20T23:59:59Z", now) == "时间已到"


@pytest.mark.parametrize(("ms", "shown"), [(55555, "00:55"), (3723999, "1:02:03"), (0, "00:00")])
def test_a_place_in_a_recording_is_cut_not_rounded(ms: int, shown: str) -> None:
    assert formats.clock_ms(ms) == shown


def test_a_short_digest_keeps_both_ends() -> None:
    assert formats.short("9c1e" + "0" * 56 + "04af") == "9c1e…04af"
    assert formats.short("abc") == "abc"


def test_a_refusal_tells_times_of_the_record_in_the_readers_time(language: str) -> None:
    told = formats.spoken("投票期限 %(due)s 已过", {"due": "2026-11-22T23:10:00.000Z"})
    assert formats.when("2026-11-22T23:10:00.000Z") in told
    assert "2026-11-22T" not in told


def test_a_carrier_is_called_by_its_name_whoever_wrote_it_down(language: str) -> None:
    name = {"zh": "顺丰", "en": "SF Express"}[language]
    assert formats.carrier("sf") == formats.carrier("SF") == formats.carrier("顺丰") == name
    assert formats.carrier("小马快送") == "小马快送"
