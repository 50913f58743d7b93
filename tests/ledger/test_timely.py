from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from socket import create_server
from threading import Thread

import pytest

from ledger.errors import Unreachable
from ledger.mirroring.http_get import Website
from ledger.witnessing.http_post import post

PIECES = 400  # twenty seconds: nobody who has an end in time waits for the last
HEAD = b"HTTP/1.1 200 OK\r\nX-Padding: "
BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 4096\r\n\r\n"


@contextmanager
def trickling(start: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A server that sends `start` and then a byte now and then; and what it could send of that."""
    sent: list[bytes] = []
    with create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                connection.sendall(start)
                while len(sent) < PIECES:
                    connection.sendall(b"x")
                    sent.append(b"x")
                    time.sleep(0.05)

        thread = Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", sent
        thread.join()


def posted(url: str) -> object:
    return post(url, b"", "text/plain", seconds=0.5, most=10_000)


def fetched(url: str) -> object:
    with Website(url, 0.5) as website:
        return website.get("checkpoint", 10_000)


@pytest.mark.parametrize("start", [HEAD, BODY], ids=["head", "body"])
@pytest.mark.parametrize("ask", [posted, fetched])
def test_an_answer_that_trickles_in_is_given_up(ask: Callable[[str], object], start: bytes) -> None:
    with trickling(start) as (url, sent), pytest.raises(Unreachable, match="timed out"):
        ask(url)
    assert 0 < len(sent) < PIECES
