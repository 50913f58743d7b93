"""A TCP door in front of a server: shut it, and the server is away; open it, and it is back.

with Door(("127.0.0.1", 5432)) as door:
    connect(port=door.port)
    door.shut()
    door.open()
"""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Self

Address = tuple[str, int] | str
_CHUNK = 65_536


class Door:
    """Forwards connections to `upstream` (host and port, or a Unix socket's path) while open."""

    def __init__(self, upstream: Address) -> None:
        self._upstream = upstream
        self._listener: socket.socket | None = None
        self._sockets: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self.port = 0
        self.open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.shut()

    def open(self) -> None:
        """Listen, on the same port as ever."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        self._start(self._welcome, self._listener)

    def shut(self) -> None:
        """Refuse new connections and break those that stand."""
        listener, self._listener = self._listener, None
        for one in [listener, *self._sockets]:
            if one is not None:
                _end(one)
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        self._sockets.clear()

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _welcome(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while self._listener is listener:
                guest, _address = listener.accept()
                self._lead(guest)

    def _lead(self, guest: socket.socket) -> None:
        family = socket.AF_UNIX if isinstance(self._upstream, str) else socket.AF_INET
        server = socket.socket(family)
        server.connect(self._upstream)
        self._sockets |= {guest, server}
        self._start(_carry, guest, server)
        self._start(_carry, server, guest)


def _carry(source: socket.socket, target: socket.socket) -> None:
    """Until either side ends; then both do."""
    with contextlib.suppress(OSError):
        while chunk := source.recv(_CHUNK):
            target.sendall(chunk)
    _end(source)
    _end(target)


def _end(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
