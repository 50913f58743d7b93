"""A witness as an HTTP server (C2SP tlog-witness): `python -m ledger witness CONFIG`.

    POST /add-checkpoint                       asks for signatures: see witness.py
    GET  /<hex SHA-256 of origin>/checkpoint   the checkpoint signed last, with all lines
    GET  /                                     a page for people

Anybody may ask; what is signed rests on the log's signature alone. Requests are bounded in size,
in time as a whole (a byte now and then does not keep one open) and in number. Behind a public
name, put a server that speaks TLS in front.
"""

from __future__ import annotations

import socket
import sys
import time
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from io import BufferedReader
from pathlib import Path
from typing import Any

from ledger.errors import LedgerError
from ledger.web import BoundedServer
from ledger.witnessing.witness import Reply
from ledger.witnessing.witness_config import WitnessConfig, load_config
from ledger.witnessing.witness_page import HTML, render_page
from ledger.witnessing.witness_state import Witness, open_witness

ADD_CHECKPOINT = "/add-checkpoint"
# A checkpoint with a hundred post-quantum lines, and room.
MOST_BYTES = 512_000
SECONDS = 20.0
_LINGER_SECONDS, _LINGER_BYTES = 0.2, 1 << 16
_NOTHING_HERE = Reply(404, "there is nothing here\n")


def run(config_path: Path) -> int:
    """Serve until interrupted; the answer is the exit status."""
    try:
        config = load_config(config_path)
        with open_witness(config.name, config.key, config.state, config.logs, time.time) as witness:
            _serve(config, witness)
    except KeyboardInterrupt:
        return 0
    except (LedgerError, ValueError, OSError) as error:
        print(f"witness: {error}", file=sys.stderr)
    return 1


def _serve(config: WitnessConfig, witness: Witness) -> None:
    with WitnessServer(config.host, config.port, witness) as server:
        for verifier in witness.cosigner.verifiers:
            print(verifier.vkey)
        print(f"listening on {server.url}", flush=True)
        server.serve_forever()


class WitnessServer(BoundedServer):
    """Serves one witness."""

    def __init__(self, host: str, port: int, witness: Witness) -> None:
        self.witness = witness
        super().__init__(host, port, _Handler)


class _Deadline(socket.SocketIO):
    """Reads from a socket until a moment that is the same for all reads."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__(connection, "r")
        self._connection = connection
        self.restart()

    def restart(self) -> None:
        self._end = time.monotonic() + SECONDS

    def readinto(self, buffer: Any) -> int | None:
        self._connection.settimeout(max(self._end - time.monotonic(), 0.001))
        return super().readinto(buffer)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.0"  # so that even nonsense is answered with a status line
    server_version = "mingan-witness"
    sys_version = ""
    timeout = SECONDS
    # Head and body in one packet: apart they wait for each other on a kept connection.
    wbufsize = 1 << 14
    disable_nagle_algorithm = True
    server: WitnessServer

    def setup(self) -> None:
        super().setup()
        self._incoming = _Deadline(self.connection)
        self.rfile = BufferedReader(self._incoming)

    def finish(self) -> None:
        super().finish()
        # Bytes that nobody read would reset the connection, and the answer be lost with it.
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(_LINGER_SECONDS)
            self.connection.recv(_LINGER_BYTES)

    def handle_one_request(self) -> None:
        self._incoming.restart()
        super().handle_one_request()

    def do_GET(self) -> None:
        witness = self.server.witness
        if self.path == "/":
            return self._send(Reply(200, render_page(witness), HTML))
        for log in witness.logs:
            if self.path == f"/{log.digest}/checkpoint" and (signed := witness.latest(log)):
                return self._send(Reply(200, signed.text))
        return self._send(
            Reply(405, "POST here\n") if self.path == ADD_CHECKPOINT else _NOTHING_HERE
        )

    do_HEAD = do_GET  # noqa: N815 - http.server calls it by this name

    def do_POST(self) -> None:
        if self.path != ADD_CHECKPOINT:
            return self.send_error(404)
        length = self.headers.get("Content-Length", "")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            return self.send_error(411)
        if len(length) > 9 or int(length) > MOST_BYTES:
            return self.send_error(413)
        return self._send(self._answer(self.rfile.read(int(length))))

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """A refusal before the request was read to its end: the connection ends with it."""
        self.close_connection = True
        self._send(Reply(code, f"{message or HTTPStatus(code).phrase}\n"))

    def _answer(self, body: bytes) -> Reply:
        try:
            return self.server.witness.add_checkpoint(body)
        except LedgerError as error:
            return Reply(503, f"{error}\n")

    def _send(self, reply: Reply) -> None:
        body = reply.body.encode("utf-8", "replace")
        self.send_response(reply.status)
        for name, value in (
            ("Content-Type", reply.content_type),
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
