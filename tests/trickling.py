"""A server that answers by a byte now and then, so that no single read is ever late."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

GAP_SECONDS = 0.1
MOST_BYTES = 100  # ten seconds: a caller that waits for ever fails the test and does not hang it


@contextmanager
def trickling(begin: bytes = b"HTTP/1.1 200 OK\r\nX: ") -> Iterator[str]:
    """The address of one that says `begin` at once and then takes its time."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        thread = threading.Thread(target=_trickle, args=(listener, begin))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join()


def _trickle(listener: socket.socket, begin: bytes) -> None:
    line, _peer = listener.accept()
    with line, suppress(OSError):
        line.recv(65536)
        line.sendall(begin)
        for _byte in range(MOST_BYTES):
            time.sleep(GAP_SECONDS)
            line.sendall(b"a")
