"""A witness as a process and over HTTP: hostile bytes, and death at any step."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import web
from ledger.checkpoint import Checkpoint, read_cosignatures
from ledger.errors import Unreachable, VerificationError
from ledger.note import Verifier, open_note, parse_note, parse_vkey
from ledger.witnessing import witness_server
from ledger.witnessing.http_post import Answer
from ledger.witnessing.witnesses import read_answer
from tests.ledger.notary import ORIGIN, a_checkpoint, a_signer
from tests.ledger.witness_killed import STEPS
from tests.ledger.witnessing import (
    FORK,
    FORK_LEAVES,
    LARGE,
    NAME,
    SMALL,
    WATCHED,
    a_config,
    a_process,
    a_server,
    a_witness,
    ask,
)

# As a process


def test_a_process_prints_its_keys_and_signs_with_them(tmp_path: Path) -> None:
    with a_process(a_config(tmp_path)) as running:
        keys = [parse_vkey(line) for line in running.printed]
        answer = ask(running.url, 0, LARGE)
    assert [key.name for key in keys] == [NAME, NAME]
    assert len(read_answer(LARGE, answer.body, keys)) == 2
    assert "Traceback" not in (tmp_path / "stderr").read_text()


def test_a_second_process_on_the_same_folder_does_not_start(tmp_path: Path) -> None:
    config = a_config(tmp_path)
    refused = pytest.raises(AssertionError, match="ended with 1")
    with a_process(config), refused, a_process(config):
        pass
    assert "another process" in (tmp_path / "stderr").read_text()
    with a_process(config):  # the lock ends with the process, killed or not
        pass


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_a_witness_killed_at_any_step_never_signs_two_histories(
    tmp_path: Path, step: int, when: str
) -> None:
    config = a_config(tmp_path)
    with a_process(config) as running:
        keys = [parse_vkey(line) for line in running.printed]
        assert ask(running.url, 0, SMALL).status == 200
    left = []
    with a_process(config, str(step), when) as running:
        with suppress(Unreachable):
            left.append(ask(running.url, 3, LARGE))
        assert running.process.wait(120) == -signal.SIGKILL
    with a_process(config) as running:
        left += [ask(running.url, 3, FORK, FORK_LEAVES), ask(running.url, 8, FORK, FORK_LEAVES)]
    signed = {checkpoint.root for each in left for checkpoint in seen(each, keys)}
    assert len(signed) <= 1
    # Once the new state is in place, the witness stands by it; before, it never heard of it.
    in_place = step > 3 or (step, when) == (3, "after")
    assert left[-2].status == (409 if in_place else 200)


def seen(answer: Answer, keys: Sequence[Verifier]) -> list[Checkpoint]:
    """Which histories the signature lines in an answer vouch for."""
    found = []
    for checkpoint in (LARGE, FORK):
        with suppress(VerificationError):
            read_answer(checkpoint, answer.body, keys)
            found.append(checkpoint)
    return found


# Over HTTP


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[witness_server.WitnessServer]:
    with (
        a_witness(tmp_path_factory.mktemp("witness") / "w") as witness,
        a_server(witness) as server,
    ):
        ask(server.url, 0, SMALL)
        yield server


def exchange(url: str, sent: bytes) -> bytes:
    """Send raw bytes, and read until the server closes."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=120) as connection:
        with suppress(OSError):  # the server may refuse before it has read everything
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
        received = b""
        with suppress(OSError):
            while chunk := connection.recv(65_536):
                received += chunk
        return received


def test_every_status_goes_over_the_wire(server: witness_server.WitnessServer) -> None:
    conflict = ask(server.url, 1, LARGE)
    assert (conflict.status, conflict.content_type, conflict.body) == (
        409,
        "text/x.tlog.size",
        b"3\n",
    )
    assert ask(server.url, 3, SMALL).status == 200
    assert ask(server.url, 4, SMALL).status == 400
    assert ask(server.url, 3, a_checkpoint(3, signer=a_signer("other.example"))).status == 404
    assert ask(server.url, 3, LARGE, FORK_LEAVES).status == 422
    forged = LARGE.text.replace(f"\n{LARGE.size}\n", "\n9\n")
    assert ask(server.url, 3, Checkpoint(ORIGIN, 9, LARGE.root, forged)).status == 403


def test_anybody_can_read_the_checkpoint_signed_last(server: witness_server.WitnessServer) -> None:
    with urlopen(f"{server.url}/{WATCHED.digest}/checkpoint") as response:
        text = response.read().decode()
        assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert len(read_cosignatures(text, server.witness.cosigner.verifiers)) == 2
    assert open_note(text, WATCHED.verifiers).text == parse_note(SMALL.text).text


def test_a_log_never_signed_has_no_checkpoint(tmp_path: Path) -> None:
    with a_witness(tmp_path) as witness, a_server(witness) as server:
        got = exchange(server.url, f"GET /{WATCHED.digest}/checkpoint HTTP/1.0\r\n\r\n".encode())
        assert got.startswith(b"HTTP/1.1 404 ")
        page = exchange(server.url, b"GET / HTTP/1.0\r\n\r\n").decode()
        assert "尚未签署 nothing signed yet" in page


def test_a_person_sees_which_log_how_far_and_when(server: witness_server.WitnessServer) -> None:
    with urlopen(server.url + "/") as response:
        page = response.read().decode()
    for shown in (NAME, ORIGIN, "<td>3<td>", "2026-01-31 08:00:00 UTC", "签署", 'lang="en"'):
        assert shown in page


def test_one_connection_serves_several_requests(server: witness_server.WitnessServer) -> None:
    get = b"GET / HTTP/1.1\r\nHost: w\r\n\r\n"
    assert exchange(server.url, get * 3).count(b"HTTP/1.1 200 OK") == 3


@pytest.mark.parametrize(
    ("request_bytes", "code"),
    [
        (b"GET /nothing HTTP/1.1\r\n\r\n", 404),
        (b"GET /add-checkpoint HTTP/1.1\r\n\r\n", 405),
        (b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 404),
        (b"PUT /add-checkpoint HTTP/1.1\r\n\r\n", 501),
        (b"POST /add-checkpoint HTTP/1.1\r\n\r\n", 411),
        (b"POST /add-checkpoint HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 411),
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 512001\r\n\r\n", 413),
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: " + b"0" * 12 + b"9\r\n\r\n", 413),
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 9\r\n\r\nold", 400),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n", 431),
        (b"GET / HTTP/9.9\r\n\r\n", 505),
        (b"GET /\r\n\r\n", 200),
        (b"\xff\xfe nonsense\r\n\r\n", 400),
    ],
)
def test_what_is_no_request_is_answered_with_its_status(
    server: witness_server.WitnessServer, request_bytes: bytes, code: int
) -> None:
    assert exchange(server.url, request_bytes).startswith(f"HTTP/1.1 {code} ".encode())


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    start=st.sampled_from([b"", b"GET ", b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: "]),
    junk=st.binary(min_size=1, max_size=300),
)
def test_hostile_bytes_get_a_status_and_never_a_traceback(
    server: witness_server.WitnessServer,
    capsys: pytest.CaptureFixture[str],
    start: bytes,
    junk: bytes,
) -> None:
    answer = exchange(server.url, start + junk)
    # Which HTTP tells servers to pass over; Python knows more kinds of blank than bytes do.
    blank = not (start + junk).split(b"\n")[0].decode("latin-1").split()
    assert answer.startswith(b"HTTP/1.1 ") or blank
    assert "Traceback" not in capsys.readouterr().err


def test_a_request_that_trickles_in_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "SECONDS", 0.5)
    with a_witness(tmp_path) as witness, a_server(witness) as server:
        sent, address = 0, server.server_address[:2]
        with suppress(OSError), socket.create_connection(address, timeout=120) as connection:
            for _ in range(400):
                connection.sendall(b"G")
                sent += 1
                time.sleep(0.05)
        assert sent < 400


def test_more_connections_than_places_are_closed_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "MOST_CONNECTIONS", 2)
    with a_witness(tmp_path) as witness, a_server(witness) as server:
        address = server.server_address[:2]
        with socket.create_connection(address), socket.create_connection(address):
            assert exchange(server.url, b"GET / HTTP/1.0\r\n\r\n") == b""
        # It notices only in its own threads that the two have left.
        until = time.monotonic() + 120
        while not (answer := exchange(server.url, b"GET / HTTP/1.0\r\n\r\n")):
            assert time.monotonic() < until
        assert answer.startswith(b"HTTP/1.1 200")
