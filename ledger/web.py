"""What little web servers (serve, witness, trustee) have in common: bounds.

So many connections at once and no more, each in a thread that ends with the process; one line
for a connection that broke. `BoundedHandler` is for those that are posted to: requests are
bounded in size and in time as a whole, so that a byte now and then does not keep one open.
"""

from __future__ import annotations

import socket
import sys
import time
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedReader
from threading import BoundedSemaphore
from typing import Any

from ledger.timely import Timely

MOST_CONNECTIONS = 64
SECONDS = 20.0
_LINGER_SECONDS, _LINGER_BYTES = 0.2, 1 << 16


class BoundedServer(ThreadingHTTPServer):
    """Port 0 takes any free one; `url` says which."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, handler: type[BaseHTTPRequestHandler]) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._places = BoundedSemaphore(MOST_CONNECTIONS)
        super().__init__((host, port), handler)

    @property
    def url(self) -> str:
        """Where it listens."""
        host, port = self.server_address[:2]
        return f"http://[{host!s}]:{port}" if ":" in str(host) else f"http://{host!s}:{port}"

    def server_bind(self) -> None:
        # HTTPServer asks the name service for its own name here, which may take long.
        super(ThreadingHTTPServer, self).server_bind()

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """One line for a connection that broke; the server goes on."""
        print(f"{client_address[0]}: {sys.exc_info()[1]!r}", file=sys.stderr)


class BoundedHandler(BaseHTTPRequestHandler):
    """Answers are short and whole; nothing is streamed."""

    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.0"  # so that even nonsense is answered with a status line
    sys_version = ""
    timeout = SECONDS
    # Head and body in one packet: apart they wait for each other on a kept connection.
    wbufsize = 1 << 14
    disable_nagle_algorithm = True

    def setup(self) -> None:
        """Read through one deadline for the whole request."""
        super().setup()
        self._incoming = Timely(self.connection, time.monotonic() + SECONDS)
        self.rfile = BufferedReader(self._incoming)

    def finish(self) -> None:
        """Bytes that nobody read would reset the connection, and the answer be lost with it."""
        super().finish()
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(_LINGER_SECONDS)
            self.connection.recv(_LINGER_BYTES)

    def handle_one_request(self) -> None:
        """The deadline is one request's, not one connection's."""
        self._incoming.end = time.monotonic() + SECONDS
        super().handle_one_request()

    def read_body(self, most: int) -> bytes | None:
        """The body, or None when a refusal was sent: no length (411), or more than `most` (413)."""
        length = self.headers.get("Content-Length", "")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            self.send_error(411)
            return None
        if len(length) > 9 or int(length) > most:
            self.send_error(413)
            return None
        return self.rfile.read(int(length))

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """A refusal before the request was read to its end: the connection ends with it."""
        self.close_connection = True
        text = f"{message or HTTPStatus(code).phrase}\n"
        self.send_body(code, "text/plain; charset=utf-8", text.encode("utf-8", "replace"))

    def send_body(self, status: int, content_type: str, body: bytes) -> None:
        """The whole answer."""
        self.send_response(status)
        for name, value in (
            ("Content-Type", content_type),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-cache"),
            ("X-Content-Type-Options", "nosniff"),
            ("Content-Security-Policy", "default-src 'none'"),
        ):
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
