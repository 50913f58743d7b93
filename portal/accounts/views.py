"""Where a person lands after signing in."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import redirect, url_for
from werkzeug.wrappers import Response

from portal.access import EVERY_ROLE, Role, allow, current_actor

# The first role of this order that a person has decides; work that waits comes first.
LANDINGS = {
    Role.REVIEWER: "panels.mine",
    Role.MERCHANT: "responses.queue",
    Role.OPERATOR: "operations.home",
    Role.ASSOCIATION: "audit.search",
    Role.BUYER: "claims.mine",
}

bp = APIBlueprint("accounts", __name__, enable_openapi=False)


@bp.get("/home")
@allow(*EVERY_ROLE)
def home() -> Response:
    actor = current_actor()
    endpoint = next((LANDINGS[role] for role in LANDINGS if actor.has(role)), None)
    return redirect(url_for(endpoint) if endpoint else "/", 303)
