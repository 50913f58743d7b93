"""What both little web servers of the ledger (serve, witness) have in common: bounds.

So many connections at once and no more, each in a thread that ends with the process; one line
for a connection that broke. Each server's own handler bounds time and length.
"""

from __future__ import annotations

import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import BoundedSemaphore
from typing import Any

MOST_CONNECTIONS = 64


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
