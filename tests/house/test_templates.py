"""Every template is used, can be parsed, and keeps to the content security policy."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest
from flask_security.core import _default_config
from jinja2 import Environment, nodes

from tests.house.source import ROOT, our_files, our_modules, shown, tree_of

FOLDER = ROOT / "templates"
TEMPLATES = [path for path in our_files() if path.is_relative_to(FOLDER) and path.suffix == ".html"]

EVENTS = (
    "click|dblclick|change|input|load|unload|submit|reset|error|focus|blur|toggle|play|pause|"
    r"key\w+|mouse\w+|pointer\w+|touch\w+|drag\w*|drop|time\w+|scroll|animation\w+|begin|end"
)
REFUSED = {
    "an inline style": re.compile(r"<style|[\s(,]style\s*="),
    "an inline handler": re.compile(rf"[\s(,]on(?:{EVENTS})\s*=|hx-on|javascript:"),
    "an inline script": re.compile(
        r"<script(?![^>]*(?:\ssrc=|type=\"application/json\"))[^>]*>", re.IGNORECASE
    ),
    "text that is not escaped": re.compile(r"\|\s*safe\b|autoescape\s+false|Markup\("),
}


def name_of(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


def parse(path: Path) -> nodes.Template:
    environment = Environment(autoescape=True, extensions=["jinja2.ext.i18n", "jinja2.ext.do"])
    return environment.parse(path.read_text(), filename=str(path))


def named_by_templates() -> Iterator[str]:
    kinds = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)
    for path in TEMPLATES:
        for node in parse(path).find_all(kinds):
            yield from (part.value for part in node.template.find_all(nodes.Const))
            if isinstance(node.template, nodes.Const):
                yield node.template.value


def named_by_code() -> Iterator[str]:
    """Texts that end in .html; the holes of an f-string stand for anything."""
    for path in our_modules("portal"):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.JoinedStr):
                parts = (p.value if isinstance(p, ast.Constant) else "*" for p in node.values)
                yield "".join(map(str, parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


@cache
def used_names() -> set[str]:
    library = {str(value) for key, value in _default_config.items() if key.endswith("_TEMPLATE")}
    found = {*named_by_templates(), *named_by_code()}
    return {name for name in found if name.endswith(".html")} | library


@pytest.mark.parametrize("path", TEMPLATES, ids=shown)
def test_a_template_is_used(path: Path) -> None:
    assert any(fnmatch(name_of(path), name) for name in used_names())


def test_a_template_that_is_named_exists() -> None:
    names = {name_of(path) for path in TEMPLATES}
    named = set(named_by_templates()) | {
        name for name in named_by_code() if name.endswith(".html") and "*" not in name
    }
    assert named - names == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=shown)
def test_a_template_keeps_to_the_content_security_policy(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    found = {what: hit[0] for what, pattern in REFUSED.items() if (hit := pattern.search(text))}
    assert not found


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('<p style="color:red">', "an inline style"),
        ('<a onclick="go()">', "an inline handler"),
        ("{{ form.name(onchange='go()') }}", "an inline handler"),
        ("<script>go()</script>", "an inline script"),
        ("{{ text|safe }}", "text that is not escaped"),
    ],
)
def test_what_the_policy_would_block_is_seen(line: str, what: str) -> None:
    assert REFUSED[what].search(line)


def test_scripts_of_our_own_and_data_are_not_refused() -> None:
    for line in (
        '<script type="module" src="{{ asset(\'js/due.js\') }}"></script>',
        '<script type="application/json" id="marks">{{ marks|tojson }}</script>',
        "{% set one = 1 %}<option value={{ one }}>",
    ):
        assert not any(pattern.search(line) for pattern in REFUSED.values())
