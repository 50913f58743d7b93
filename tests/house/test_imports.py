"""Who may import whom. New features are held to it by the names of their files."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.house.source import (
    ROOT,
    Import,
    imports_of,
    module_name,
    our_modules,
    shown,
    tree_of,
)

STDLIB = frozenset(sys.stdlib_module_names)
WEB = {"flask", "apiflask", "flask_login", "flask_security", "flask_wtf", "wtforms", "werkzeug"}
SQL = {"sqlalchemy", "flask_sqlalchemy", "flask_migrate", "alembic", "psycopg", "sqlite3"}
STORE = {"boto3", "botocore", "ledger"}
CHANCE = {"time", "random", "secrets", "uuid"}
FORMS = {"wtforms", "flask_wtf"}

# The last pattern that fits decides what a package may import beside itself.
MAY = (
    ("reviewers/*", STDLIB - CHANCE),
    ("reviewers/envelope.py", STDLIB - CHANCE | {"cryptography"}),
    ("reviewers/trustee/*", STDLIB | {"cryptography", "ledger", "reviewers"}),
    ("ledger/*", STDLIB | {"cryptography"}),
    ("ledger/stores/bucket.py", STDLIB | {"boto3", "botocore"}),
    ("ledger/timestamp.py", STDLIB | {"cryptography", "rfc3161_client"}),
)

# Every pattern that fits forbids.
NEVER = (
    ("portal/*/rules.py", WEB | SQL | STORE | CHANCE),
    ("portal/*/commands.py", WEB | SQL | STORE | CHANCE),
    ("portal/*/views.py", SQL | STORE),
    ("portal/*/forms.py", SQL | STORE),
    ("portal/*/queries.py", WEB | FORMS),
    ("portal/*/tables.py", {"ledger", "boto3"}),
)

# Files of a feature that one kind of file may not reach for, in any feature.
NEVER_SIBLINGS = (
    ("portal/*/rules.py", {"tables", "queries", "projector", "forms", "views", "api"}),
    ("portal/*/queries.py", {"forms", "views", "api"}),
    ("portal/*/views.py", {"tables", "projector"}),
)

MODULES = our_modules()


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_a_module_imports_only_what_its_room_allows(path: Path) -> None:
    found = [f"line {line.line}: {line.module}" for line in imports_of(path) if _breaks(path, line)]
    assert not found, f"{shown(path)} must not import {found}"


def _breaks(path: Path, line: Import) -> bool:
    name = shown(path)
    may = [
        allowed | {path.relative_to(ROOT).parts[0]} for what, allowed in MAY if _fits(name, what)
    ]
    if may and line.top not in may[-1]:
        return True
    if any(line.top in forbidden for what, forbidden in NEVER if _fits(name, what)):
        return True
    return any(
        not forbidden.isdisjoint(f"{line.module}.{line.name}".split(".")[2:3])
        for what, forbidden in NEVER_SIBLINGS
        if _fits(name, what) and line.top == "portal"
    )


def _fits(name: str, pattern: str) -> bool:
    return fnmatch(name, pattern)


@pytest.mark.parametrize("path", [p for p in MODULES if p.name == "rules.py"], ids=shown)
def test_rules_never_ask_what_time_it_is(path: Path) -> None:
    asked = [
        f"line {node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"now", "utcnow", "today"}
    ]
    assert not asked, f"{shown(path)}: time is an argument, but it asks {asked}"


def test_no_modules_import_each_other_in_circles() -> None:
    graph = {module_name(path): set(_ours(path)) for path in MODULES}
    circle = _find_circle(graph)
    assert not circle, " -> ".join(circle)


def _ours(path: Path) -> Iterator[str]:
    known = {module_name(other) for other in MODULES}
    for line in imports_of(path):
        for name in (f"{line.module}.{line.name}", line.module):
            if name in known:
                if name != module_name(path):
                    yield name
                break


def _find_circle(graph: dict[str, set[str]]) -> list[str]:
    done: set[str] = set()

    def visit(name: str, way: list[str]) -> list[str]:
        if name in way:
            return [*way[way.index(name) :], name]
        if name in done:
            return []
        for target in sorted(graph[name]):
            if found := visit(target, [*way, name]):
                return found
        done.add(name)
        return []

    return next(filter(None, (visit(name, []) for name in sorted(graph))), [])


def test_the_search_for_circles_finds_one() -> None:
    assert _find_circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert _find_circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_the_table_catches_what_it_forbids() -> None:
    rules = ROOT / "portal" / "claims" / "rules.py"
    assert _breaks(rules, Import("flask", "request", 1))
    assert _breaks(rules, Import("portal.claims.tables", "ClaimRow", 1))
    assert _breaks(rules, Import("portal.claims", "tables", 1))
    assert not _breaks(rules, Import("portal.claims.commands", "FileClaim", 1))
    assert _breaks(ROOT / "ledger" / "log.py", Import("boto3", "", 1))
    assert not _breaks(ROOT / "ledger" / "stores" / "bucket.py", Import("boto3", "", 1))
    assert _breaks(ROOT / "reviewers" / "draw.py", Import("random", "", 1))
    assert _breaks(ROOT / "reviewers" / "draw.py", Import("portal.errors", "Refused", 1))
