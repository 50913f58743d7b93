"""One deadline for a whole exchange over HTTP.

httpx counts every read for itself, so a peer that sends a byte of its headers now and then holds
its caller for as long as it likes. Here the look-up of the name, the connection, TLS, the request,
headers and body end together:

    client = httpx.Client(transport=TimedTransport(), timeout=8.0, trust_env=False)
    within = until(time.monotonic() + 20.0, client.timeout)
    client.stream("GET", url, extensions={"timeout": within})

What comes too late is an httpx.TimeoutException, like any other slowness.

A request that belongs to something larger ends with that: `ending_by` says when, and `earliest` is
what remains. It goes by the context, since who speaks a provider's language knows of no leases.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from math import inf
from typing import Any

import httpcore
import httpx

KEEP_SECONDS = 5.0  # an idle connection
_END: ContextVar[float] = ContextVar("end", default=inf)


@contextmanager
def ending_by(end: float) -> Iterator[None]:
    """What is asked in here is asked by `end` (time.monotonic), or not at all."""
    before = _END.set(end)
    try:
        yield
    finally:
        _END.reset(before)


def earliest(seconds: float) -> float:
    """The end of what may take so long, by time.monotonic."""
    return min(time.monotonic() + seconds, _END.get())


class Until(float):
    """How long one step may take, in seconds, and by `end` (time.monotonic) when all of them must
    be over. httpcore hands the timeouts of a request to the connection as they are."""

    end: float

    def __new__(cls, step: float, end: float) -> Until:
        made = super().__new__(cls, step)
        made.end = end
        return made


def until(end: float, steps: httpx.Timeout) -> dict[str, Until]:
    """The extension "timeout" of one request."""
    named = steps.as_dict().items()
    return {name: Until(end if step is None else step, end) for name, step in named}


def left(timeout: float | None) -> float | None:
    """What the next step may take. Raises httpcore.ReadTimeout when the end has come."""
    if not isinstance(timeout, Until):
        return timeout
    seconds = min(timeout, timeout.end - time.monotonic())
    if seconds <= 0:
        raise httpcore.ReadTimeout("the deadline of the whole exchange")
    return float(seconds)


def look_up(host: str, port: int, seconds: float | None) -> list[Any]:
    """As socket.getaddrinfo, which itself knows no limit. Raises OSError, also when it is slow."""
    found: Future[list[Any]] = Future()

    def ask() -> None:
        try:
            found.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:  # the latter: a part longer than a name may have
            found.set_exception(OSError(f"no such name: {type(error).__name__}"))

    # Left behind when it takes longer; the system's resolver gives up by itself.
    threading.Thread(target=ask, daemon=True).start()
    return found.result(seconds)


class _Stream(httpcore.NetworkStream):
    """A connection whose every step asks how much time is left."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        line = self._inner.get_extra_info("socket")
        try:
            while buffer:  # the library would give every part the whole time again
                line.settimeout(left(timeout))
                buffer = buffer[line.send(buffer) :]
        except TimeoutError as error:
            raise httpcore.WriteTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left(timeout)))

    def close(self) -> None:
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """To the first of the name's addresses that answers."""
        more = local_address, socket_options
        *others, last = _addresses(host, port, timeout)
        for address in others:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return _Stream(super().connect_tcp(address, port, left(timeout), *more))
        return _Stream(super().connect_tcp(last, port, left(timeout), *more))


def _addresses(host: str, port: int, timeout: float | None) -> list[str]:
    """All of them, in the system's order; a resolver may take longer than a step."""
    seconds = timeout.end - time.monotonic() if isinstance(timeout, Until) else timeout
    try:
        found = look_up(host, port, seconds)
    except TimeoutError as error:
        raise httpcore.ConnectTimeout(f"looking up {host}") from error
    except OSError as error:
        raise httpcore.ConnectError(str(error)) from error
    return [str(sockaddr[0]) for *_rest, sockaddr in found]


class TimedTransport(httpx.HTTPTransport):
    """Connections that keep to `until`; no proxy and no certificates of the environment."""

    def __init__(self) -> None:
        # httpx has no public way to give its pool a backend; without this the trickling tests fail.
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=None,
            keepalive_expiry=KEEP_SECONDS,
            network_backend=_Backend(),
        )
