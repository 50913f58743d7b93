"""Stripe's addresses behind one key, and its webhooks."""

from __future__ import annotations

import json

from flask import Blueprint

from portal.simulator.bank import ABNORMAL, CLOSED, REVERSED, SUCCESS, Move
from portal.simulator.notices import Draft, Manner, is_ok
from portal.simulator.outgoing import Queued
from portal.simulator.signing import stripe_signature
from portal.simulator.store import time_of
from portal.simulator.stripe.door import NAME, Door, answer
from portal.simulator.stripe.refunds import STATES, Refunds, refund_object
from portal.simulator.wire import Desk, Refusal

_EVENTS = {
    SUCCESS: "refund.updated",
    CLOSED: "refund.updated",
    ABNORMAL: "refund.failed",
    REVERSED: "refund.failed",
}


def stripe_blueprint(desk: Desk) -> Blueprint:
    door = Door(desk)
    blueprint = Blueprint(NAME, __name__)
    blueprint.before_request(door.check)
    blueprint.register_error_handler(Refusal, lambda refusal: answer(refusal.reply))
    Refunds(door).add_to(blueprint)
    return blueprint


def stripe_manner(desk: Desk) -> Manner:
    """Any 2xx ends the sending."""
    return Manner(lambda move, queued: _write(desk, move, queued), is_ok)


def _write(desk: Desk, move: Move, queued: Queued) -> Draft | None:
    if queued.event not in _EVENTS:
        return None
    created = queued.event == SUCCESS and queued.at == move.at
    event = {
        "id": f"evt_{queued.event_id[:24]}",
        "object": "event",
        "api_version": "2026-09-30.preview",
        "created": int(time_of(queued.at).timestamp()),
        "livemode": False,
        "type": "refund.created" if created else _EVENTS[queued.event],
        "data": {"object": refund_object(move, STATES[queued.event])},
    }
    content = json.dumps(event, separators=(",", ":")).encode()
    secret, stamp = desk.keys.secret(f"{NAME}.webhook"), int(desk.now().timestamp())
    signature = stripe_signature(secret, stamp, content)
    return Draft({"Content-Type": "application/json", "Stripe-Signature": signature}, content)
