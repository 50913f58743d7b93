"""Sizes and manners of the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.source import PACKAGES, ROOT, our_files, our_modules, shown, tree_of

LONGEST_FUNCTION = 60
LONGEST_FILE = 400
# Goes into every bundle as the one program an auditor has to read: it may import nothing of ours.
ONE_FILE = "ledger/bundles/standalone.py"
LONGEST_VIEW = 20
CODE = (".py", ".js", ".css")
# Each pattern is written so that it does not match its own line.
FORBIDDEN = {
    "host of a package registry": re.compile(r"https?://[a-z.]*(?:pypi|npmjs|pythonhosted)"),
    "path of one machine": re.compile(r"(?<![\w.$}*-])/(?:root|home/[a-z]\w*|Users/\w+|work)/"),
    "unfinished work": re.compile(r"\bTO[D]O\b|\bFIXM[E]\b|\bXX[X]\b"),
}

PYTHON = our_modules(*PACKAGES, "tests", "benchmarks", "migrations")


def text_files() -> Iterator[tuple[Path, str]]:
    for path in our_files():
        try:
            yield path, path.read_text()
        except UnicodeDecodeError:
            continue


@pytest.mark.parametrize("path", PYTHON, ids=shown)
def test_no_function_is_too_long_to_read_at_once(path: Path) -> None:
    most = LONGEST_VIEW if path.name == "views.py" else LONGEST_FUNCTION
    if path.parent.name == "versions":
        pytest.skip("written by Alembic: one call a table")
    long = [
        f"{node.name}: {size} lines"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (size := (node.end_lineno or 0) - node.lineno + 1) > most
    ]
    assert not long


def test_no_file_says_more_than_one_thing() -> None:
    sizes = {
        shown(path): len(text.splitlines())
        for path, text in text_files()
        if path.suffix in CODE and path.parent.name != "versions"  # written by Alembic
    }
    del sizes[ONE_FILE]
    assert {name: size for name, size in sizes.items() if size > LONGEST_FILE} == {}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_names(what: str) -> None:
    found = [
        f"{shown(path)}:{number}: {line.strip()[:100]}"
        for path, text in text_files()
        for number, line in enumerate(text.splitlines(), 1)
        if FORBIDDEN[what].search(line) or (what.startswith("path") and str(ROOT) in line)
    ]
    assert not found, "\n".join(found)


def test_python_speaks_of_annotations_alone_at_import() -> None:
    without = [
        shown(path)
        for path in PYTHON
        if tree_of(path).body and "from __future__ import annotations" not in path.read_text()
        if any(not isinstance(node, ast.Expr) for node in tree_of(path).body)
    ]
    assert not without
