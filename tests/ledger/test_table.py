"""Tables and numbers in files hold what a dictionary and a list would, also after a kill."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.table import Numbers, Table

MANY = 200_000


def a_key(number: int) -> bytes:
    return sha256(b"%d" % number).digest()


def test_it_holds_what_a_dictionary_holds(tmp_path: Path) -> None:
    table, model, random = Table(tmp_path / "table"), dict[bytes, tuple[int, int]](), Random(1)
    for number in range(MANY):
        key = a_key(random.randrange(MANY))
        model[key] = (number, random.randrange(2**64))
        table.put(key, *model[key])
        if number % 7 == 0:
            assert table.get(key) == model[key], "also before it is written"
    assert len(table) == len(model)
    table.close()
    again = Table(tmp_path / "table")
    assert len(again) == len(model)
    assert all(again.get(key) == pair for key, pair in model.items())
    assert all(again.get(a_key(-number)) is None for number in range(1, 20_000))
    again.close()


@settings(
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 99), st.booleans()), max_size=60))
def test_it_is_found_again_whenever_it_is_opened(
    tmp_path: Path, steps: list[tuple[int, int, bool]]
) -> None:
    path = tmp_path / "table"
    path.unlink(missing_ok=True)
    table, model = Table(path), dict[int, int]()
    for key, value, reopen in steps:
        table.put(a_key(key), value, key)
        model[key] = value
        if reopen:
            table.close()
            table = Table(path)
    assert {key: table.get(a_key(key)) for key in range(51)} == {
        key: (model[key], key) if key in model else None for key in range(51)
    }
    table.close()


def in_a_child_that_is_killed(work: Callable[[], None]) -> None:
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL


def test_what_was_flushed_is_there_after_a_kill(tmp_path: Path) -> None:
    def fill() -> None:
        table = Table(tmp_path / "table")
        for number in range(50_000):
            table.put(a_key(number), number, 1)
        table.flush()
        for number in range(50_000, 50_100):
            table.put(a_key(number), number, 1)

    in_a_child_that_is_killed(fill)
    table = Table(tmp_path / "table")
    assert all(table.get(a_key(number)) == (number, 1) for number in range(50_000))
    assert len(table) == 50_000
    table.close()


def test_kills_while_it_writes_never_fill_it_up(tmp_path: Path) -> None:
    """Whoever is killed before the count is written would leave a table that seems empty; after
    some of them it would be full, and looking for what is not there would never end."""

    def fill(start: int) -> None:
        table = Table(tmp_path / "table")
        write = table._set_all if hasattr(table, "_set_all") else table._write

        def write_and_die(pairs: object) -> None:
            write(pairs)
            os.kill(os.getpid(), signal.SIGKILL)

        for number in range(start, start + 15_000):
            table.put(a_key(number), number, 1)
        setattr(table, write.__name__, write_and_die)
        table.flush()

    for start in range(0, 60_000, 15_000):
        in_a_child_that_is_killed(lambda start=start: fill(start))
    table = Table(tmp_path / "table")
    for number in range(60_000):
        table.put(a_key(number), number, 2)
    assert all(table.get(a_key(number)) == (number, 2) for number in range(60_000))
    assert table.get(a_key(-1)) is None
    table.close()


@pytest.mark.parametrize("length", [1, 23, 24, 1000, 4096, 100_000])
def test_a_table_that_was_cut_off_is_refused(tmp_path: Path, length: int) -> None:
    table = Table(tmp_path / "table")
    table.put(a_key(1), 1, 1)
    table.close()
    os.truncate(tmp_path / "table", length)
    with pytest.raises(OSError, match="damaged"):
        Table(tmp_path / "table")


def test_numbers_are_those_of_a_list(tmp_path: Path) -> None:
    numbers, model, random = Numbers(tmp_path / "numbers"), list[int](), Random(2)
    for _ in range(50):
        more = sorted(random.randrange(2**64) for _ in range(random.randrange(40)))
        numbers.extend(more)
        model += more
    assert [numbers[at] for at in range(len(numbers))] == model
    numbers.close()


def test_numbers_in_order_are_found(tmp_path: Path) -> None:
    numbers = Numbers(tmp_path / "numbers")
    numbers.extend(range(0, 3000, 3))
    assert [at for at in range(-5, 3010) if numbers.find(at)] == list(range(0, 3000, 3))
    again = Numbers(tmp_path / "numbers", 10)
    assert not again.find(300), "what lies behind the length is nothing to rely on"
    again.extend([28])
    assert len(again) == 11
    assert again[10] == 28
    numbers.close()
    again.close()
