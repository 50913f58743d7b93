"""A read-only web server over a store: `python -m ledger serve STORE`, and what mirrors show.

    /checkpoint                    text/plain; charset=utf-8    never cached
    /tile/...                      application/octet-stream     kept for ever: it never changes
    /checkpoints/<20 digits>       text/plain; charset=utf-8    kept for ever
    /timestamps/<20 digits>        application/timestamp-reply  kept for ever
    /commit/..., /blob/...         application/octet-stream     kept for ever
    /log.vkey                      text/plain; charset=utf-8    kept for an hour
    /                              a page for people

as C2SP tlog-tiles asks. Any other server that shows the files of a folder does as well.

Threats. Wrapped data keys (keys/) and probes are never shown: only what this table names is.
Requests are bounded in number, length and time, blobs are passed on in pieces; nothing that a
request says reaches a file name unless it is a key of the table. Listens on this machine only
unless told otherwise; put a server that speaks TLS in front of a public one.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any

from ledger.errors import NotStored, StoreError
from ledger.mirroring.front_page import HTML, render_front_page
from ledger.stores.store import Store
from ledger.tiles import parse_key
from ledger.web import BoundedServer

SECONDS = 20.0
_PIECE_BYTES = 1 << 20
_TEXT = "text/plain; charset=utf-8"
_BYTES = "application/octet-stream"
_FOR_EVER = "public, max-age=31536000, immutable"
_KINDS = (
    (re.compile("checkpoint"), _TEXT, "no-cache"),
    (re.compile(r"log\.vkey"), _TEXT, "public, max-age=3600"),
    (re.compile("checkpoints/[0-9]{20}"), _TEXT, _FOR_EVER),
    (re.compile("timestamps/[0-9]{20}"), "application/timestamp-reply", _FOR_EVER),
    (re.compile("commit/[0-9]{20}"), _BYTES, _FOR_EVER),
    (re.compile("blob/[0-9a-f]{64}"), _BYTES, _FOR_EVER),
)


@dataclass(frozen=True)
class Kind:
    """How an object is served."""

    content_type: str
    caching: str


def kind_of(key: str) -> Kind | None:
    """How the object under a key is served; None if it is not for everybody."""
    if parse_key(key) is not None:
        return Kind(_BYTES, _FOR_EVER)
    for pattern, content_type, caching in _KINDS:
        if pattern.fullmatch(key):
            return Kind(content_type, caching)
    return None


class LogServer(BoundedServer):
    """Serves one store."""

    def __init__(self, host: str, port: int, store: Store, origin: str) -> None:
        self.store = store
        self.origin = origin
        super().__init__(host, port, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "mingan-ledger"
    sys_version = ""
    timeout = SECONDS
    # Head and body in one packet: apart they wait for each other, 40 ms on a kept connection.
    wbufsize = 1 << 16
    disable_nagle_algorithm = True
    server: LogServer

    def do_GET(self) -> None:
        key = self.path.partition("?")[0].removeprefix("/")
        if not key:
            page = render_front_page(self.server.origin, self.server.url).encode()
            return self._send(200, Kind(HTML, "no-cache"), len(page), iter([page]))
        kind = kind_of(key)
        try:
            return self._show(key, kind) if kind else self._refuse(404, "there is nothing here")
        except NotStored:
            return self._refuse(404, "not stored")
        except StoreError as error:
            print(f"{key}: {error}", file=sys.stderr)
            return self._refuse(503, "the store does not answer")

    do_HEAD = do_GET  # noqa: N815 - http.server calls it by this name

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as http.server has it
        """Nothing: who reads what is nobody's business."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What http.server could not read, or another method than GET and HEAD."""
        self.close_connection = True
        self._refuse(405 if code == 501 else code, message or "not understood")

    def _show(self, key: str, kind: Kind) -> None:
        store = self.server.store
        if key.startswith("blob/"):  # may be a film
            size = store.size(key)
            return self._send(200, kind, size, _pieces(store, key, size))
        content = store.get(key)
        return self._send(200, kind, len(content), iter([content]))

    def _refuse(self, status: int, reason: str) -> None:
        body = f"{reason}\n".encode("utf-8", "replace")
        self._send(status, Kind(_TEXT, "no-cache"), len(body), iter([body]))

    def _send(self, status: int, kind: Kind, length: int, pieces: Iterator[bytes]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind.content_type)
        self.send_header("Content-Length", str(length))
        self.send_header("Cache-Control", kind.caching)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Security-Policy", "default-src 'none'")
        if status == 405:
            self.send_header("Allow", "GET, HEAD")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            for piece in pieces:
                self.wfile.write(piece)


def _pieces(store: Store, key: str, size: int) -> Iterator[bytes]:
    for start in range(0, size, _PIECE_BYTES):
        yield store.read(key, start, _PIECE_BYTES)
