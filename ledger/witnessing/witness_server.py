"""A witness as an HTTP server (C2SP tlog-witness): `python -m ledger witness CONFIG`.

    POST /add-checkpoint                       asks for signatures: see witness.py
    GET  /<hex SHA-256 of origin>/checkpoint   the checkpoint signed last, with all lines
    GET  /                                     a page for people

Anybody may ask; what is signed rests on the log's signature alone. Requests are bounded in size,
in time as a whole (a byte now and then does not keep one open) and in number. Behind a public
name, put a server that speaks TLS in front.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from ledger.errors import LedgerError
from ledger.web import BoundedHandler, BoundedServer
from ledger.witnessing.witness import Reply
from ledger.witnessing.witness_config import WitnessConfig, load_config
from ledger.witnessing.witness_page import HTML, render_page
from ledger.witnessing.witness_state import Witness, open_witness

ADD_CHECKPOINT = "/add-checkpoint"
# A checkpoint with a hundred post-quantum lines, and room.
MOST_BYTES = 512_000
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


class _Handler(BoundedHandler):
    server_version = "mingan-witness"
    server: WitnessServer

    def do_GET(self) -> None:  # noqa: N802 - http.server calls it by this name
        witness = self.server.witness
        if self.path == "/":
            return self._send(Reply(200, render_page(witness), HTML))
        for log in witness.logs:
            if self.path == f"/{log.digest}/checkpoint" and (signed := witness.latest(log)):
                return self._send(Reply(200, signed.text))
        return self._send(
            Reply(405, "POST here\n") if self.path == ADD_CHECKPOINT else _NOTHING_HERE
        )

    do_HEAD = do_GET  # noqa: N815 - the same

    def do_POST(self) -> None:  # noqa: N802 - the same
        if self.path != ADD_CHECKPOINT:
            return self.send_error(404)
        body = self.read_body(MOST_BYTES)
        return None if body is None else self._send(self._answer(body))

    def _answer(self, body: bytes) -> Reply:
        try:
            return self.server.witness.add_checkpoint(body)
        except LedgerError as error:
            return Reply(503, f"{error}\n")

    def _send(self, reply: Reply) -> None:
        body = reply.body.encode("utf-8", "replace")
        self.send_body(reply.status, reply.content_type, body)
