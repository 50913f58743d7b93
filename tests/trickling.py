"""A server that answers by a byte now and then, so that no single read is ever late."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

GAP_SECONDS = 0.1
MOST_BYTES = 100  # ten seconds: a caller that waits for ever fails the test and does not hang it


@dataclass
class Line:
    """`goes_on` until all was sent: a caller that is done before has not waited for the end."""

    url: str
    goes_on: bool = True


@contextmanager
def trickling(begin: bytes = b"HTTP/1.1 200 OK\r\nX: ") -> Iterator[Line]:
    """One that says `begin` at once and then takes its time."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        line = Line(f"http://127.0.0.1:{listener.getsockname()[1]}/")
        thread = threading.Thread(target=_trickle, args=(listener, begin, line))
        thread.start()
        yield line
        listener.shutdown(socket.SHUT_RDWR)  # the caller may have given up before it came
        thread.join()


def _trickle(listener: socket.socket, begin: bytes, line: Line) -> None:
    with suppress(OSError):
        guest, _peer = listener.accept()
        with guest:
            guest.recv(65536)
            guest.sendall(begin)
            for _byte in range(MOST_BYTES):
                time.sleep(GAP_SECONDS)
                guest.sendall(b"a")
            line.goes_on = False
