"""Canonical JSON agrees with another implementation, and refuses what has no one form."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ledger import canonical
from ledger.errors import VerificationError

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
whole = st.integers(-(2**53) + 1, 2**53 - 1)
values = st.recursive(
    st.none() | st.booleans() | whole | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_bytes_are_those_of_another_implementation(value: Any) -> None:
    text = canonical.dumps(value).encode()
    assert text == rfc8785.dumps(value)
    assert canonical.loads(text) == value


def test_keys_sort_by_utf_16_not_by_code_point() -> None:
    assert canonical.dumps({"\ufb33": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb33":1}'


@pytest.mark.parametrize("value", [1.5, float("nan"), b"bytes", {1}, object(), {1: 2}, [0.0]])
def test_what_programs_print_differently_is_a_mistake_of_the_caller(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical.dumps(value)


@pytest.mark.parametrize("value", [2**53, -(2**53), "\ud800", {"\udfff": 1}])
def test_what_has_no_portable_form_is_a_mistake_of_the_caller(value: Any) -> None:
    with pytest.raises(ValueError, match=r"2\^53|surrogates"):
        canonical.dumps(value)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":2}',
        "1.0",
        "1e3",
        "NaN",
        "Infinity",
        '"\\ud800"',
        '{"\\udfff":1}',
        "",
        "[1,]",
        "[" * 60_000,
        "9" * 5_000,
        '"\n"',
        "\ufeff1",
    ],
)
def test_text_with_two_meanings_or_none_is_refused(text: str) -> None:
    with pytest.raises(VerificationError):
        canonical.loads(text.encode())
    with pytest.raises(VerificationError):
        canonical.loads(text)


def test_bytes_that_are_not_utf_8_are_refused() -> None:
    with pytest.raises(VerificationError):
        canonical.loads(b'"\xff"')


def test_a_surrogate_pair_in_escapes_is_one_character() -> None:
    assert canonical.loads(b'"\\ud83d\\ude00"') == "\U0001f600"
