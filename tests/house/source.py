"""Our own files as the house tests see them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("ledger", "reviewers", "portal")


@dataclass(frozen=True)
class Import:
    """One imported name: `module` as written, `name` when it is `from module import name`."""

    module: str
    name: str
    line: int

    @property
    def top(self) -> str:
        return self.module.partition(".")[0]


@cache
def our_files() -> tuple[Path, ...]:
    """What the repository holds or would hold: tracked files and new ones that are not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    names = listed.stdout.decode().split("\0")
    paths = [ROOT / name for name in names if name] if listed.returncode == 0 else _walk()
    return tuple(sorted(path for path in paths if path.is_file()))


def _walk() -> Iterator[Path]:
    # An unpacked archive has no git.
    skipped = {".venv", "var", ".git", "__pycache__"}
    for path in ROOT.rglob("*"):
        if not skipped.intersection(path.relative_to(ROOT).parts):
            yield path


def our_modules(*packages: str) -> list[Path]:
    tops = packages or PACKAGES
    python = (path for path in our_files() if path.suffix == ".py")
    return [path for path in python if path.relative_to(ROOT).parts[0] in tops]


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def imports_of(path: Path) -> Iterator[Import]:
    """Every import that runs, at the top or inside a function; not those for the type checker."""
    package = module_name(path) if path.name == "__init__.py" else _parent(module_name(path))
    yield from _imports_in(tree_of(path), package)


def _imports_in(node: ast.AST, package: str) -> Iterator[Import]:
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        return
    if isinstance(node, ast.Import):
        yield from (Import(alias.name, "", node.lineno) for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        module = _absolute(node, package)
        yield from (Import(module, alias.name, node.lineno) for alias in node.names)
    for child in ast.iter_child_nodes(node):
        yield from _imports_in(child, package)


def _absolute(node: ast.ImportFrom, package: str) -> str:
    base = package
    for _ in range(node.level - 1):
        base = _parent(base)
    return ".".join(filter(None, (base if node.level else "", node.module)))


def _parent(name: str) -> str:
    return name.rpartition(".")[0]
