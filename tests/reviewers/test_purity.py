"""The rules must stay repeatable: nothing of the moment or of the machine may enter them."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import reviewers

SOURCES = sorted(Path(reviewers.__file__).parent.glob("*.py"))
SEALING = "envelope.py"  # HPKE and AES-GCM are not in the standard library
NOT_REPEATABLE = {"time", "random", "secrets", "datetime", "uuid", "os", "socket", "urllib"}


def imported(source: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (one.name.split(".")[0] for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_the_rules_import_the_standard_library_and_no_clock_or_chance(source: Path) -> None:
    names = set(imported(source))

    extra = {"cryptography"} if source.name == SEALING else set()
    assert names <= sys.stdlib_module_names | {"reviewers"} | extra
    assert not names & NOT_REPEATABLE
