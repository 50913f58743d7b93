"""Money as people type it."""

from __future__ import annotations

import pytest

from portal.amounts import plain_yuan, read_yuan
from portal.errors import BadInput


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("260", 26_000),
        ("260.5", 26_050),
        ("0.01", 1),
        ("¥1,260.50", 126_050),
        ("￥２６０．５０元", 26_050),
        ("", None),
        ("  ", None),
        (None, None),
    ],
)
def test_yuan_become_fen(typed: str | None, fen: int | None) -> None:
    assert read_yuan(typed, "amount_fen") == fen


@pytest.mark.parametrize("typed", ["-1", "1.234", "1,23", "1e3", "一百", "NaN", "9" * 11, "1 2"])
def test_what_cannot_be_read_is_not_guessed(typed: str) -> None:
    with pytest.raises(BadInput) as fault:
        read_yuan(typed, "amount_fen")
    assert fault.value.field == "amount_fen"


def test_a_field_shows_what_it_would_read() -> None:
    assert read_yuan(plain_yuan(26_005), "amount_fen") == 26_005
