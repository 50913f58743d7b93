"""One request over HTTP, once. Whatever goes wrong on the way becomes NoReply, never a repetition.

A repetition that the library made by itself would be a payment that the ledger knows nothing of.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO

import httpx

from portal.deadlines import TimedTransport, earliest, until

CONNECT_SECONDS = 2.0
READ_SECONDS = 8.0
WHOLE_SECONDS = 20.0  # headers or bytes that trickle must not hold the worker
MEBIBYTE = 1024 * 1024
MOST_BYTES = MEBIBYTE
MOST_BILL_BYTES = 2048 * MEBIBYTE
BILL_SECONDS = 1800.0


class NoReply(Exception):
    """It may have arrived or not. `code`: TIMEOUT, NETWORK, TOO_LONG, TOO_SLOW."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Reply:
    """`headers` by their names in small letters."""

    status: int
    headers: Mapping[str, str]
    content: bytes


def open_client() -> httpx.Client:
    """The client of a house: explicit timeouts, no redirects, no retries, no proxy, no cookies."""
    return httpx.Client(
        transport=TimedTransport(),
        timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        follow_redirects=False,
        trust_env=False,  # no proxy of the environment gets to see a signature
    )


@dataclass
class Caller:
    """Sends requests of all providers through one client, made at the first request. `seconds`:
    from the look-up of the name to the last byte of the answer; a bill has BILL_SECONDS."""

    open: Callable[[], httpx.Client] = open_client
    seconds: float = WHOLE_SECONDS
    _client: httpx.Client | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def call(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes = b""
    ) -> Reply:
        """Raises NoReply; every HTTP status is a reply, redirects too."""
        chunks: list[bytes] = []
        status, answered = self._stream(
            method, url, headers, content, chunks.append, MOST_BYTES, self.seconds
        )
        return Reply(status, answered, b"".join(chunks))

    def download(self, url: str, headers: Mapping[str, str], into: IO[bytes]) -> int:
        """Write a file as it comes; its status. Raises NoReply, also when it is too long."""
        status, _headers = self._stream(
            "GET", url, headers, b"", into.write, MOST_BILL_BYTES, BILL_SECONDS
        )
        return status

    def _stream(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes,
        take: Callable[[bytes], object],
        most: int,
        seconds: float,
    ) -> tuple[int, dict[str, str]]:
        end = earliest(seconds)
        _stop_unless(time.monotonic() < end, "TOO_SLOW")
        # Raw bytes: a compressed answer that nobody asked for must not grow in our memory.
        asked = {"Accept-Encoding": "identity", **headers}
        try:
            client = self._open()
            within = {"timeout": until(end, client.timeout)}
            with client.stream(
                method, url, headers=asked, content=content, extensions=within
            ) as response:
                left = most
                for chunk in response.iter_raw():
                    left -= len(chunk)
                    _stop_unless(left >= 0, "TOO_LONG")
                    take(chunk)
                names = {name.lower(): value for name, value in response.headers.items()}
                return response.status_code, names
        except httpx.TimeoutException:
            raise NoReply("TIMEOUT" if time.monotonic() < end else "TOO_SLOW") from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError):
            raise NoReply("NETWORK") from None

    def _open(self) -> httpx.Client:
        with self._lock:
            if self._client is None or self._client.is_closed:
                self._client = self.open()
            return self._client

    def close(self) -> None:
        """Give the connections back."""
        with self._lock, suppress(OSError):
            if self._client is not None:
                self._client.close()


def _stop_unless(fine: bool, code: str) -> None:
    if not fine:
        raise NoReply(code)
