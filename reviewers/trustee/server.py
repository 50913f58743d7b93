"""A trustee as an HTTP server. Requests are bounded in size, in time and in number.

Listens on this machine only unless told otherwise; behind a public name, put a server that
speaks TLS in front: the token travels with each request.
"""

from __future__ import annotations

import hmac
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ledger.web import BoundedHandler, BoundedServer
from reviewers.trustee.closing import Trusted
from reviewers.trustee.config import TrusteeConfig
from reviewers.trustee.errors import BadRequest, Refused
from reviewers.trustee.keeping import Keeper, open_keeper
from reviewers.trustee.peeling import answer, parse_request

PEEL = "/peel"
# Sixty-four of the largest envelopes, in base64, and room for the proof.
MOST_BYTES = 6_000_000
_JSON = "application/json"


def run(config: TrusteeConfig) -> None:
    """Serve until interrupted. Raises ValueError or OSError if it cannot start."""
    token = config.token.read_text().strip()
    if len(token) < 32:
        raise ValueError(f"{config.token} is too short to be a token")
    with (
        open_keeper(config.name, config.key, config.state) as keeper,
        TrusteeServer(config, keeper, token, _now) as server,
    ):
        print(f"name {keeper.name}")
        print(f"key {keeper.public_key}")
        print("witnessed" if config.trusted.policy else "no witness policy: the log's word counts")
        print(f"listening on {server.url}", flush=True)
        server.serve_forever()


class TrusteeServer(BoundedServer):
    """Serves one trustee."""

    def __init__(
        self, config: TrusteeConfig, keeper: Keeper, token: str, clock: Callable[[], str]
    ) -> None:
        self.keeper = keeper
        self.trusted: Trusted = config.trusted
        self.token = token.encode()
        self.clock = clock
        super().__init__(config.host, config.port, _Handler)


class _Handler(BoundedHandler):
    server_version = "mingan-trustee"
    server: TrusteeServer

    def do_GET(self) -> None:  # noqa: N802 - http.server calls it by this name
        if self.path != "/":
            return self.send_error(404)
        keeper = self.server.keeper
        return self._send(
            200,
            {
                "name": keeper.name,
                "key": keeper.public_key,
                "witnessed": self.server.trusted.policy is not None,
                "opened": keeper.opened,
            },
        )

    do_HEAD = do_GET  # noqa: N815 - the same

    def do_POST(self) -> None:  # noqa: N802 - the same
        if self.path != PEEL:
            return self.send_error(404)
        given = self.headers.get("Authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, b"Bearer " + self.server.token):
            return self.send_error(401)
        body = self.read_body(MOST_BYTES)
        return None if body is None else self._send(*self._answer(body))

    def _answer(self, body: bytes) -> tuple[int, dict[str, Any]]:
        server = self.server
        try:
            request = parse_request(body)
            return 200, answer(request, server.keeper, server.trusted, server.clock())
        except BadRequest as error:
            return 400, {"refused": error.code}
        except Refused as error:
            print(f"refused: {error.code}", file=sys.stderr)
            return 403, {"refused": error.code}
        except OSError as error:  # the journal could not be written, so nothing may leave
            print(f"journal: {error.strerror}", file=sys.stderr)
            return 503, {"refused": "NOT_WRITTEN"}

    def _send(self, status: int, fields: dict[str, Any]) -> None:
        self.send_body(status, _JSON, json.dumps(fields).encode())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
