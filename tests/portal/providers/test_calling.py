"""The one client, against a server that is slow, endless, rude or gone."""

from __future__ import annotations

import io
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

import httpx
import pytest

from portal import deadlines
from portal.providers import calling
from portal.providers.calling import Caller, NoReply, open_client
from tests.trickling import trickling

EXPLICIT = (calling.CONNECT_SECONDS, calling.READ_SECONDS)  # before tests are patient
OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"


@contextmanager
def _server(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """One connection is served by `serve`; it gives the address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)

        def run() -> None:
            with suppress(OSError):
                connection, _peer = listener.accept()
                with connection:
                    connection.recv(65536)
                    serve(connection)

        thread = threading.Thread(target=run)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        listener.shutdown(socket.SHUT_RDWR)  # the caller may have given up before it came
        thread.join()


def _quick() -> httpx.Client:
    return httpx.Client(timeout=httpx.Timeout(0.3, connect=0.3), trust_env=False)


def _call(url: str, open_: Callable[[], httpx.Client] = open_client) -> calling.Reply:
    with closing(Caller(open_)) as caller:
        return caller.call("POST", url, {}, b"x")


def test_an_answer_is_given_as_it_came() -> None:
    body = OK + b"Content-Length: 2\r\nX-Name: y\r\n\r\nok"
    with _server(lambda line: line.sendall(body)) as url:
        reply = _call(url)
    assert (reply.status, reply.content, reply.headers["x-name"]) == (200, b"ok", "y")


def test_a_slow_answer_is_unknown() -> None:
    done = threading.Event()
    with _server(lambda _line: done.wait(120) and None) as url:
        with pytest.raises(NoReply) as caught:
            _call(url, _quick)
        done.set()
    assert caught.value.code == "TIMEOUT"


@pytest.mark.parametrize(
    "half", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", b"%%\r\n\r\n"]
)
def test_an_answer_that_breaks_off_is_unknown(half: bytes) -> None:
    with _server(lambda line: line.sendall(half)) as url, pytest.raises(NoReply) as caught:
        _call(url)
    assert caught.value.code == "NETWORK"


def test_nobody_at_the_door_is_unknown(free_port: int) -> None:
    with pytest.raises(NoReply) as caught:
        _call(f"http://127.0.0.1:{free_port}/")
    assert caught.value.code == "NETWORK"
    with pytest.raises(NoReply):
        _call("http://[half")


def test_an_endless_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "MOST_BYTES", 100_000)
    body = OK + b"\r\n" + b"x" * 300_000
    with _server(lambda line: line.sendall(body)) as url, pytest.raises(NoReply) as caught:
        _call(url)
    assert caught.value.code == "TOO_LONG"


@pytest.mark.parametrize("begin", [OK + b"X: ", OK + b"\r\n", b""])
def test_an_answer_that_trickles_is_cut_off_wherever_it_is(begin: bytes) -> None:
    with trickling(begin) as line, closing(Caller(seconds=0.4)) as caller:
        with pytest.raises(NoReply) as caught:
            caller.call("POST", line.url, {}, b"x")
        assert line.goes_on
    assert caught.value.code == "TOO_SLOW"


class Hands:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


def test_a_connection_that_is_kept_gives_each_exchange_its_own_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n."
    clock = Hands()
    for module in (calling, deadlines):
        monkeypatch.setattr(module, "time", clock)

    def serve(line: socket.socket) -> None:
        for _exchange in range(3):
            clock.now += 200
            line.sendall(answer)
            line.recv(65536)

    with _server(serve) as url, closing(Caller(seconds=300)) as caller:
        assert [caller.call("GET", url, {}).status for _ in range(3)] == [200] * 3


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    body = b"HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"
    with _server(lambda line: line.sendall(body)) as url:
        assert _call(url).status == 307


def test_no_proxy_of_the_environment_sees_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setitem(os.environ, name, "http://127.0.0.1:9")
    with _server(lambda line: line.sendall(OK + b"Content-Length: 0\r\n\r\n")) as url:
        assert _call(url).status == 200


def test_what_was_packed_unasked_is_not_unpacked() -> None:
    body = OK + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"
    with _server(lambda line: line.sendall(body)) as url:
        assert _call(url).content == b"abcd"


def test_a_file_is_written_as_it_comes() -> None:
    into = io.BytesIO()
    with (
        _server(lambda line: line.sendall(OK + b"\r\n" + b"x" * 200_000)) as url,
        closing(Caller()) as caller,
    ):
        assert caller.download(url, {}, into) == 200
    assert len(into.getvalue()) == 200_000


def test_the_timeouts_are_explicit() -> None:
    assert EXPLICIT == (2.0, 8.0)
    with open_client() as client:
        named = (client.timeout.connect, client.timeout.read)
        assert named == (calling.CONNECT_SECONDS, calling.READ_SECONDS)
        assert not client.follow_redirects
