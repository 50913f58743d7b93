"""The simulator over HTTP: bounded in connections, size and time, on this machine alone."""

from __future__ import annotations

import fcntl
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask

from ledger.web import BoundedHandler, BoundedServer
from portal.simulator.app import MOST_BYTES, SENDING, create_simulator
from portal.simulator.faults import Dropped
from portal.simulator.settings import write_settings

HOST = "127.0.0.1"
_LOCK = "running.lock"


class AlreadyRunning(OSError):
    """Another process serves this folder."""


def run(
    folder: Path,
    port: int,
    now: Callable[[], datetime],
    notices: str,
    ecommerce: bool | None = None,
) -> None:
    """Serve until interrupted; port 0 takes any; see `write_settings`. Raises OSError when it
    cannot start."""
    with _alone(folder), SimulatorServer(port, folder, now) as server:
        path = write_settings(folder, server.url, notices=notices, ecommerce=ecommerce)
        print(f"settings {path}")
        print(f"listening on {server.url}", flush=True)
        server.serve_forever()


class SimulatorServer(BoundedServer):
    """Serves the simulator of one folder, and sends its notices."""

    def __init__(self, port: int, folder: Path, now: Callable[[], datetime]) -> None:
        # Before the port is taken: where it cannot be, server_close is called at once.
        self.app: Flask = create_simulator(folder, now, notify=True)
        super().__init__(HOST, port, _Handler)

    def server_close(self) -> None:
        """Neither listens nor sends any more."""
        super().server_close()
        self.app.extensions[SENDING].set()


class _Handler(BoundedHandler):
    server_version = "mingan-simulator"
    server: SimulatorServer

    def do_GET(self) -> None:  # noqa: N802 - http.server calls it by this name
        body = b""
        if self.headers.get("Content-Length", "0") != "0" or self.command in ("POST", "PUT"):
            read = self.read_body(MOST_BYTES)
            if read is None:
                return
            body = read
        try:
            self._send(*_ask(self.server.app, self._environ(body)))
        except Dropped:
            self.close_connection = True  # and not a byte of an answer
        except Exception as error:  # noqa: BLE001 - one broken request does not end the server
            print(f"{self.command} {self.path.partition('?')[0]}: {error!r}", file=sys.stderr)
            self.send_error(500)

    do_POST = do_PUT = do_DELETE = do_HEAD = do_GET  # noqa: N815 - the same

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Requests are in the simulator's own log; addresses here may hold signatures."""

    def _environ(self, body: bytes) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        host, port = self.server.server_address[:2]
        headers = {f"HTTP_{n.upper().replace('-', '_')}": v for n, v in self.headers.items()}
        return headers | {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "RAW_URI": self.path,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "SERVER_NAME": str(host),
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": str(self.client_address[0]),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }

    def _send(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response(int(status[:3]))
        for name, value in headers:
            if name.lower() != "content-length":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _ask(app: Flask, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
    said: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _info: Any = None) -> Any:
        said.append((status, headers))

    answer = app(environ, start)
    try:
        body = b"".join(answer)
    finally:
        if hasattr(answer, "close"):
            answer.close()
    return *said[-1], body


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two servers in one folder would each write their own address into the settings."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(f"{folder}: a simulator runs here") from error
        yield
    finally:
        os.close(descriptor)
