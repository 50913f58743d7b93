"""The command line as an operator uses it: exit status, words, what stands on disk."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from unittest.mock import patch
from urllib.request import urlopen

import pytest

from portal.cli import main

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests" / "samples"
SECONDS = 240


def environment(home: Path, **more: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MINGAN_")}
    return clean | {"MINGAN_HOME": str(home), "LC_ALL": "C.UTF-8", **more}


@dataclass(frozen=True)
class Done:
    """What a command left behind on the terminal."""

    status: int
    out: str
    err: str


def mingan(home: Path, *arguments: object, **more: str) -> Done:
    """The command in this process, which spares its start."""
    out, err = StringIO(), StringIO()
    with (
        patch.dict(os.environ, environment(home, **more), clear=True),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as ended:  # argparse's way out
            status = int(ended.code or 0)
    return Done(status, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mingan") / "home"
    assert mingan(folder, "init").status == 0
    return folder


def test_nobody_else_reads_the_keys_and_the_token(home: Path) -> None:
    secret = [home / "operator.token", *(home / "keys").iterdir()]
    assert {path.stat().st_mode & 0o777 for path in secret} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (home, home / "keys")} == {0o700}


def test_setting_up_twice_keeps_keys_and_token(home: Path) -> None:
    def secrets() -> dict[str, bytes]:
        paths = [home / "operator.token", *(home / "keys").iterdir()]
        return {path.name: path.read_bytes() for path in paths}

    before = secrets()
    again = mingan(home, "init")
    assert (again.status, secrets()) == (0, before)
    assert "Already set up" in again.out


def test_orders_and_sessions_are_added_on_this_machine_and_hold(home: Path) -> None:
    added = mingan(home, "orders", "add", SAMPLES / "silk-shirt" / "order.json")
    assert added.out.startswith("HL2026110520163218620  #")
    assert mingan(home, "livestreams", "add", SAMPLES / "silk-shirt").status == 0
    assert mingan(home, "rebuild").status == 0
    assert mingan(home, "verify").status == 0


def test_the_log_itself_is_reached_with_the_same_arguments(home: Path) -> None:
    shown = mingan(home, "ledger", "keys", home / "store")
    assert shown.status == 0
    assert "mingan.example/log+" in shown.out
    assert mingan(home, "ledger", "keys", home / "nothing").status == 1


def test_a_hostile_order_ends_with_its_field_and_status_1(home: Path) -> None:
    refused = mingan(home, "orders", "add", SAMPLES / "hostile" / "12b_sums.order.json")
    assert (refused.status, refused.out) == (1, "")
    assert refused.err.startswith("order.amounts.paid_cash: ")


def test_a_changed_row_is_found_by_verify(home: Path) -> None:
    mingan(home, "orders", "add", SAMPLES / "down-jacket" / "order.json")
    with closing(sqlite3.connect(home / "mingan.sqlite")) as rows, rows:
        rows.execute("UPDATE order_snapshot SET paid_fen = 1")
    found = mingan(home, "verify")
    assert found.status == 1
    assert "order_snapshot" in found.out
    assert "paid_fen" in found.out
    assert mingan(home, "rebuild").status == 0
    assert mingan(home, "verify").status == 0


def test_a_token_is_shown_once_and_opens_the_api_for_its_role(home: Path) -> None:
    shown = mingan(home, "token", "PLATFORM", "hailiao-live")
    assert (shown.status, shown.out.startswith("mingan_")) == (0, True)


def test_an_operator_is_let_in_on_the_server_with_a_password(home: Path) -> None:
    def let_in(password: str) -> Done:
        with patch.object(sys, "stdin", StringIO(f"{password}\n")):
            return mingan(home, "operator", "wang@example.com", "王敏")

    assert let_in("short").status == 1
    assert let_in("correct horse") == Done(0, "", "")
    with closing(sqlite3.connect(home / "mingan.sqlite")) as connection:
        query = "SELECT password FROM account WHERE email = 'wang@example.com'"
        assert "argon2" in connection.execute(query).fetchone()[0]
    assert let_in("correct horse").status == 1, "the address is taken"


@pytest.mark.parametrize(
    ("arguments", "settings", "status"),
    [
        ((), {}, 2),
        (("serve",), {"MINGAN_PROT": "1"}, 2),
        (("serve",), {}, 1),
        (("verify",), {}, 1),
        (("play", "nowhere"), {}, 1),
        (("reconcile", "--day", "nonsense"), {}, 2),
        (("reconcile", "--day", "20261121"), {}, 2),
        (("simulator", "--port", "99999"), {}, 2),
        (("init", "--demo"), {"MINGAN_HOME": ""}, 1),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    tmp_path: Path, arguments: tuple[str, ...], settings: dict[str, str], status: int
) -> None:
    settings = {name: value or str(tmp_path / "demo") for name, value in settings.items()}
    done = mingan(tmp_path / "none", *arguments, **settings)
    assert done.status == status
    assert "Traceback" not in done.err
    assert "fromisoformat" not in done.err
    assert done.err


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@pytest.fixture
def serving(home: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "portal", "serve"],
        cwd=ROOT,
        env=environment(home, MINGAN_PORT=str(port)),
        stdout=subprocess.PIPE,
    )
    try:
        wait_until(lambda: answers(port) or process.poll() is not None)
        assert process.poll() is None
        yield process
    finally:
        process.kill()
        process.communicate()


def answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/health", timeout=60) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def children(process: subprocess.Popen[bytes]) -> list[int]:
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(number) for number in path.read_text().split()]


def runs(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_serve_stops_gracefully_when_told(serving: subprocess.Popen[bytes]) -> None:
    workers = children(serving)
    serving.send_signal(signal.SIGTERM)
    assert serving.wait(SECONDS) == 0
    assert not any(map(runs, workers))


def test_a_worker_whose_master_was_killed_ends_by_itself(
    serving: subprocess.Popen[bytes],
) -> None:
    workers = children(serving)
    assert workers
    serving.kill()
    wait_until(lambda: not any(map(runs, workers)))


def test_a_second_executor_and_a_second_listener_are_refused(
    home: Path, port: int, serving: subprocess.Popen[bytes]
) -> None:
    taken = mingan(home, "serve", MINGAN_PORT=str(port))
    assert (taken.status, "cannot listen there" in taken.err) == (1, True)
    second = mingan(home, "worker")
    assert (second.status, "already running" in second.err) == (1, True)
