"""Who may ask, in which words Stripe refuses, and what its idempotency keys remember.

A key keeps the first answer, failures of Stripe's own included, for a day; then it is forgotten,
and the same key makes another refund.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Response, request

from portal.simulator.bank import Rejected, Why
from portal.simulator.faults import Fault, Kind
from portal.simulator.store import read_switch, text_of
from portal.simulator.wire import Act, Ask, Desk, Refusal, Reply, as_json, digest_of

NAME = "stripe"
KEY_LIVES = timedelta(hours=24)
MOST_KEY = 255
_INVALID = "invalid_request_error"
_REFUSALS = {
    Why.NO_PAYMENT: (404, "resource_missing", "No such charge"),
    Why.TOO_MUCH: (400, "charge_already_refunded", "Refund amount is greater than unrefunded"),
    Why.TOO_OLD: (400, "charge_expired_for_capture", "The charge is too old"),
}


def failure(status: int, kind: str, code: str, message: str) -> Reply:
    return as_json(status, {"error": {"type": kind, "code": code, "message": message}})


def invalid(message: str, code: str = "parameter_invalid", status: int = 400) -> Refusal:
    return Refusal(failure(status, _INVALID, code, message))


_BROKEN = failure(500, "api_error", "api_error", "Something went wrong on Stripe's end")
_BUSY = failure(429, _INVALID, "rate_limit", "Too many requests")


@dataclass(frozen=True)
class Door:
    """One account's way in. Answers are not signed; that is how Stripe does it."""

    desk: Desk

    def check(self) -> Response | None:
        """A refusal, unless the request carries the account's key."""
        request.get_data()  # kept: once the form was read, the bytes would be gone
        given = _secret_of(request.headers.get("Authorization", ""))
        if hmac.compare_digest(given, self.desk.keys.secret(NAME)):
            return None
        return answer(failure(401, _INVALID, "api_key_invalid", "Invalid API Key provided"))

    def serve(self, kind: str, number: str, act: Act, key: str = "") -> Response:
        """The answer of what `act` does, or the one that the key remembers."""
        now = self.desk.now()
        ask = Ask(NAME, kind, number, request.full_path.rstrip("?"), request.get_data(), now)
        work = _remembering(self.desk.now, key, ask, act) if key else act
        return answer(self.desk.serve(ask, _in_words(work), _BROKEN, _BUSY))


def answer(reply: Reply) -> Response:
    return Response(reply.body, reply.status, content_type="application/json")


def idempotency_key() -> str:
    """The request's key, empty without one. Raises Refusal."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > MOST_KEY:
        raise invalid("Idempotency-Key is too long")
    return key


def _secret_of(header: str) -> bytes:
    scheme, _, rest = header.partition(" ")
    if scheme == "Bearer":
        return rest.encode("latin-1", "replace")
    if scheme != "Basic":
        return b""
    try:
        return base64.b64decode(rest).partition(b":")[0]
    except (ValueError, binascii.Error):
        return b""


def _remembering(now: Callable[[], datetime], key: str, ask: Ask, act: Act) -> Act:
    def acting(connection: sqlite3.Connection, fault: Fault | None) -> Reply:
        old = text_of(now() - KEY_LIVES)
        connection.execute("DELETE FROM remembered WHERE at < ?", (old,))
        known = connection.execute("SELECT * FROM remembered WHERE key = ?", (key,)).fetchone()
        if known is not None and read_switch(connection, "idempotent", True):
            return _again(known, ask)
        reply = act(connection, fault)
        kept = _BROKEN if fault is not None and fault.kind is Kind.ERROR_AFTER else reply
        connection.execute(
            "REPLACE INTO remembered VALUES (?, ?, ?, ?, ?)",
            (key, text_of(ask.at), digest_of(ask.content), kept.status, kept.body.decode()),
        )
        return reply

    return acting


def _again(known: sqlite3.Row, ask: Ask) -> Reply:
    if known["digest"] != digest_of(ask.content):
        message = "Keys for idempotent requests can only be used with the same parameters"
        raise Refusal(failure(400, "idempotency_error", "idempotency_error", message))
    return Reply(known["status"], known["body"].encode())


def _in_words(act: Act) -> Act:
    def acting(connection: sqlite3.Connection, fault: Fault | None) -> Reply:
        try:
            return act(connection, fault)
        except Rejected as rejected:
            status, code, message = _REFUSALS.get(
                rejected.why, (400, "parameter_invalid", rejected.why.value)
            )
            raise invalid(message, code, status) from rejected

    return acting


def listed(path: str, objects: list[dict[str, Any]], has_more: bool) -> Reply:
    """A page of a list."""
    return as_json(200, {"object": "list", "url": path, "has_more": has_more, "data": objects})


def parsed(text: str) -> dict[str, Any]:
    """An object that was kept as JSON."""
    found: dict[str, Any] = json.loads(text or "{}")
    return found
