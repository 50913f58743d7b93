from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.evidence.names import safe_name

HOSTILE = json.loads(
    (Path(__file__).parents[2] / "samples" / "hostile" / "11_names.json").read_text("utf-8")
)
ANY_NAME = st.text(st.characters(codec=None)) | st.sampled_from(HOSTILE)


def assert_harmless(name: str) -> None:
    assert 1 <= len(name) <= 80
    assert name == unicodedata.normalize("NFC", name)
    assert not any(unicodedata.category(one) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for one in name)
    assert not set(name) & set("/\\")
    assert name[0] not in ".-=+@ "
    assert name[-1] not in ". "
    assert "  " not in name
    name.encode()


@pytest.mark.parametrize("raw", HOSTILE, ids=ascii)
def test_a_hostile_name_is_made_harmless(raw: str) -> None:
    assert_harmless(safe_name(raw))


@given(ANY_NAME)
@example("\u0300.jpg")
@example("a\u200b\u0301")
@example("." * 100 + "\u202e")
@example("x" * 75 + "   . .jpg")
def test_any_name_is_made_harmless_and_stays_as_it_is(raw: str) -> None:
    name = safe_name(raw)

    assert_harmless(name)
    assert safe_name(name) == name


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("质检单.pdf", "质检单.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\x.png", "x.png"),
        (".htaccess", "htaccess"),
        ("-rf.jpg", "rf.jpg"),
        ("CON.jpg", "_CON.jpg"),
        ("nul", "_nul"),
        ("console.jpg", "console.jpg"),
        ("tag.jpg.", "tag.jpg"),
        ("x\x00.jpg", "x.jpg"),
        ("x\r\nSet-Cookie: a=b.jpg", "xSet-Cookie: a=b.jpg"),
        ("e\u0301.jpg", "\u00e9.jpg"),
        ("", "file"),
        ("\u200b", "file"),
        ("/", "file"),
    ],
)
def test_names_are_kept_as_far_as_they_are_harmless(raw: str, shown: str) -> None:
    assert safe_name(raw) == shown


def test_a_long_name_keeps_its_extension() -> None:
    assert safe_name("汉" * 300 + ".png") == "汉" * 76 + ".png"
    assert safe_name("a" * 300) == "a" * 80
    assert safe_name("a." + "b" * 300) == "a." + "b" * 78
