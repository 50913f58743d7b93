"""Asking a trustee over HTTP. It may be away, slow, broken or hostile: the answer is bounded."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import httpx

from ledger.encoding import from_base64, to_base64
from ledger.errors import VerificationError
from portal.deadlines import TimedTransport, until
from portal.trustees.settings import Trustee

SECONDS = 20.0
LOOK_SECONDS = 1.0
MOST_BYTES = 1_000_000


class Away(Exception):
    """It does not answer, or not now."""


class Misbehaved(Exception):
    """`why`: REFUSED (it answered no) or GARBAGE (what it answered is no answer)."""

    def __init__(self, why: str, code: str = "") -> None:
        super().__init__(f"{why} {code}".strip())
        self.why = why
        self.code = code


@dataclass(frozen=True)
class Ballots:
    """What every trustee is shown: the proof that voting is closed, and the envelopes in order."""

    proof: dict[str, Any]
    envelopes: tuple[bytes, ...]


Layer = tuple[bytes | None, ...]


def ask_first(trustee: Trustee, partner: str, ballots: Ballots) -> Layer:
    """Each ballot without this trustee's layer. Raises Away or Misbehaved."""
    return _ask(trustee, partner, ballots, {"step": "FIRST", "inner": []})


def ask_second(trustee: Trustee, partner: str, ballots: Ballots, inner: Layer) -> Layer:
    """Each ballot's key, from what `partner` left. Raises Away or Misbehaved."""
    left = [None if one is None else to_base64(one) for one in inner]
    return _ask(trustee, partner, ballots, {"step": "SECOND", "inner": left})


def look(trustee: Trustee) -> dict[str, Any]:
    """What it says of itself. Raises Away or Misbehaved."""
    return _read(_send("GET", f"{trustee.url}/", LOOK_SECONDS))


def _ask(trustee: Trustee, partner: str, ballots: Ballots, step: dict[str, Any]) -> Layer:
    body = {
        "proof": ballots.proof,
        "partner": partner,
        "envelopes": [to_base64(one) for one in ballots.envelopes],
        **step,
    }
    headers = {"Authorization": f"Bearer {trustee.token}"}
    answer = _send("POST", f"{trustee.url}/peel", SECONDS, json=body, headers=headers)
    opened = _read(answer).get("opened")
    if not isinstance(opened, list) or len(opened) != len(ballots.envelopes):
        raise Misbehaved("GARBAGE")
    return tuple(map(_layer, opened))


def _send(method: str, url: str, seconds: float, **more: Any) -> tuple[int, bytes]:
    # As a whole: headers or bytes that trickle must not hold the worker.
    within = until(time.monotonic() + seconds, httpx.Timeout(seconds))
    # No proxy of the environment gets to see the token.
    client = httpx.Client(transport=TimedTransport(), trust_env=False)
    try:
        with client, client.stream(method, url, extensions={"timeout": within}, **more) as response:
            content = b""
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > MOST_BYTES:
                    raise Misbehaved("GARBAGE")
            return response.status_code, content
    except httpx.HTTPError as error:
        raise Away(type(error).__name__) from None


def _read(answer: tuple[int, bytes]) -> dict[str, Any]:
    status, content = answer
    if status >= 500:
        raise Away(f"status {status}")
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError):
        fields = None
    if status != 200:
        code = fields.get("refused") if isinstance(fields, dict) else status
        raise Misbehaved("REFUSED", str(code)[:40])
    if not isinstance(fields, dict):
        raise Misbehaved("GARBAGE")
    return fields


def _layer(value: Any) -> bytes | None:
    if value is None:
        return None
    try:
        return from_base64(value if isinstance(value, str) else "?")
    except VerificationError:
        raise Misbehaved("GARBAGE") from None
