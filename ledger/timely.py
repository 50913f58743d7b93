"""HTTP with an end in time: one moment for all reads of a message.

A socket's timeout counts for each read by itself, so a peer that sends a byte now and then, of a
request or of the head of an answer, would hold whoever reads for as long as it likes.
"""

from __future__ import annotations

import socket
import time
from functools import partial
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from io import BufferedReader, RawIOBase
from typing import Any


class Timely(RawIOBase):
    """Reads from a socket until `end` (time.monotonic); then TimeoutError."""

    def __init__(self, connection: socket.socket, end: float) -> None:
        self._connection = connection
        self._raw: Any = connection.makefile("rb", buffering=0)
        self.end = end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self.end - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._connection.settimeout(left)
        read: int | None = self._raw.readinto(buffer)
        return read

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimelyAnswer(HTTPResponse):
    def __init__(self, sock: socket.socket, *arguments: Any, end: float, **named: Any) -> None:
        super().__init__(sock, *arguments, **named)
        self.fp.close()
        self.fp = BufferedReader(Timely(sock, end))


class TimelyConnection(HTTPConnection):
    """Its `timeout` is for connecting, and then for the whole of each request and answer."""

    def putrequest(self, *arguments: Any, **named: Any) -> None:
        _hurry(self)
        super().putrequest(*arguments, **named)


class TimelySecureConnection(HTTPSConnection):
    """The same over TLS."""

    def putrequest(self, *arguments: Any, **named: Any) -> None:
        _hurry(self)
        super().putrequest(*arguments, **named)


def _hurry(connection: HTTPConnection) -> None:
    end = time.monotonic() + (connection.timeout or 0.0)
    connection.response_class = partial(_TimelyAnswer, end=end)  # type: ignore[assignment]
