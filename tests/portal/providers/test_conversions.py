"""Money and times at the border, with whatever comes over it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.providers import conversions


@settings(max_examples=40)
@given(st.integers(-(10**14), 10**14))
def test_fen_and_yuan_turn_into_each_other_without_loss(fen: int) -> None:
    assert conversions.fen_of(conversions.yuan_of(fen)) == fen


@pytest.mark.parametrize(
    ("text", "fen"), [("12", 1200), ("0.1", 10), ("0.01", 1), ("-3.5", -350), ("-0.05", -5)]
)
def test_yuan_are_read_as_written(text: str, fen: int) -> None:
    assert conversions.fen_of(text) == fen


@pytest.mark.parametrize("value", ["", "1.234", "1e3", "１.00", "+1", " 1", "1.", ".5", 1.5, None])
def test_what_only_resembles_yuan_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="yuan"):
        conversions.fen_of(value)


@pytest.mark.parametrize("value", [True, "1", 1.0, -1, 10**16, None])
def test_fen_are_whole_numbers(value: object) -> None:
    with pytest.raises(ValueError, match="fen"):
        conversions.whole_fen(value)


def test_local_times_become_universal() -> None:
    at = "2026-11-21T16:00:00.000Z"
    assert conversions.universal("2026-11-22T00:00:00+08:00") == at
    assert conversions.universal_from_beijing("2026-11-22 00:00:00\t") == at
    assert conversions.universal_from_seconds(1795276800) == at


@settings(max_examples=40)
@given(st.one_of(st.none(), st.integers(), st.text(), st.floats(), st.lists(st.text())))
def test_a_time_that_cannot_be_read_is_none(value: object) -> None:
    for read in (
        conversions.universal,
        conversions.universal_from_beijing,
        conversions.universal_from_seconds,
    ):
        assert isinstance(read(value), str)


@settings(max_examples=40)
@given(st.binary(max_size=200))
def test_strange_bytes_are_no_fields(content: bytes) -> None:
    assert isinstance(conversions.fields_of(content), dict)


def test_a_deep_nest_is_no_fields() -> None:
    assert conversions.fields_of(b"[" * 100_000) == {}


@pytest.mark.parametrize("value", ["R1\ud800", "\udfff", "R1\x00", None, 1])
def test_what_no_database_takes_is_no_text(value: object) -> None:
    fields = conversions.fields_of(conversions.compact({"number": value}))
    assert fields == {"number": value}
    assert conversions.text_of(fields, "number") == ""
