"""Whoever reads English reads all of it: every marked sentence, and no text outside the marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po
from jinja2 import nodes

from tests.house.source import ROOT, our_files, shown
from tests.house.test_templates import TEMPLATES, parse

ENGLISH = "portal/translations/en/LC_MESSAGES/messages.po"
SOURCES = [("portal/**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"encoding": "utf-8"}}
MARKS = {**DEFAULT_KEYWORDS, "sentence": None, "lazy_gettext": None}

HAN = re.compile("[\u3001-\u303f\u4e00-\u9fff\uff00-\uffef]")
PLACEHOLDER = re.compile(r"%\(\w+\)\w|%%")
TRANSLATORS = {"_", "gettext", "ngettext"}
# The seal of the name, and the way back for who reads no English.
MEANT_IN_CHINESE = {"明", "中文", "切换到中文"}


@cache
def marked() -> frozenset[str | tuple[str, ...]]:
    found = extract_from_dir(ROOT, SOURCES, OPTIONS, MARKS)
    return frozenset(message for _, _, message, _, _ in found)


@cache
def english() -> Catalog:
    with (ROOT / ENGLISH).open("rb") as catalogue:
        return read_po(catalogue, locale="en")


def forms_of(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def translations() -> Iterator[Message]:
    return (message for message in english() if message.id)


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def test_every_marked_sentence_has_an_english_text() -> None:
    told = {message.id for message in translations() if all(forms_of(message.string))}
    assert marked() - told == set()


def test_the_catalogue_holds_no_sentence_that_is_not_used() -> None:
    assert {message.id for message in translations()} - marked() == set()


def test_no_translation_is_only_guessed() -> None:
    assert [message.id for message in translations() if message.fuzzy] == []


def test_an_english_text_has_the_placeholders_of_its_sentence() -> None:
    wrong = [message.id for message in translations() if not keeps_placeholders(message)]
    assert wrong == []


def keeps_placeholders(message: Message) -> bool:
    """Only the singular may leave one out: "There is a problem"."""
    named = placeholders(forms_of(message.id)[0])
    *singular, last = (placeholders(text) for text in forms_of(message.string))
    return last == named and all(some <= named for some in singular)


def test_an_english_text_is_not_in_chinese() -> None:
    texts = (text for message in translations() for text in forms_of(message.string))
    assert [text for text in texts if HAN.search(text)] == []


def texts_outside_the_marks(template: nodes.Template) -> Iterator[str]:
    calls = (call for call in template.find_all(nodes.Call) if is_translator(call.node))
    inside = {id(part) for call in calls for part in call.find_all(nodes.Const)}
    for node in template.find_all((nodes.TemplateData, nodes.Const)):
        text = node.data if isinstance(node, nodes.TemplateData) else node.value
        if isinstance(text, str) and id(node) not in inside:
            yield re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)


def is_translator(node: nodes.Expr) -> bool:
    return isinstance(node, nodes.Name) and node.name in TRANSLATORS


def chinese_in(text: str) -> set[str]:
    pieces = {piece.strip() for piece in re.split(r"<[^>]*>?", text)}
    tags = set(re.findall(r"<[^>]*>", text))
    return {piece for piece in pieces | tags if HAN.search(piece)} - MEANT_IN_CHINESE


@pytest.mark.parametrize("path", TEMPLATES, ids=shown)
def test_a_template_holds_no_chinese_outside_the_marks(path: Path) -> None:
    bare = (chinese_in(text) for text in texts_outside_the_marks(parse(path)))
    assert set().union(*bare) == set()


def test_the_catalogue_is_part_of_the_repository() -> None:
    assert ROOT / ENGLISH in our_files()
