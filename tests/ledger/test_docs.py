"""What the specification shows is what the code does."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re

import pytest

import ledger
from ledger import errors


def test_the_worked_example_of_the_specification_runs() -> None:
    result = doctest.testmod(ledger, optionflags=doctest.ELLIPSIS)
    assert result.attempted > 10
    assert result.failed == 0


def test_everything_exported_is_there_and_nothing_else() -> None:
    public = {name for name in dir(ledger) if not name.startswith("_")}
    modules = {module.name for module in pkgutil.iter_modules(ledger.__path__)}
    assert public - modules - {"annotations"} == set(ledger.__all__)


@pytest.mark.parametrize(
    "module",
    [
        each.name
        for each in pkgutil.walk_packages(ledger.__path__, "ledger.")
        # A program to be read from top to bottom, not a library.
        if not each.name.endswith(("__main__", "standalone"))
    ],
)
def test_every_file_says_what_it_is_about(module: str) -> None:
    found = importlib.import_module(module)
    assert found.__doc__
    for name, value in vars(found).items():
        if callable(value) and getattr(value, "__module__", "") == found.__name__:
            assert name.startswith("_") or name in _SELF_EXPLANATORY or value.__doc__, name


# One line each, named for what it returns.
_SELF_EXPLANATORY = {
    "commit_key", "checkpoint_key", "entry_name", "proof_name", "disclosures_name", "is_stream",
    "is_type", "is_kid", "is_blob_name", "passed", "note", "broken", "is_sound",
}  # fmt: skip


def test_the_drawn_tree_of_errors_is_the_real_one() -> None:
    drawn = re.findall(r"^    [│├└─ ]*([A-Z]\w+)", errors.__doc__ or "", re.MULTILINE)
    classes = [name for name, value in vars(errors).items() if isinstance(value, type)]
    assert sorted(drawn) == sorted(classes)
