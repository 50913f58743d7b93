"""The reader's messages."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import EVERY_ROLE, allow, current_actor
from portal.database import db
from portal.house import house
from portal.messages.queries import mark_read, messages_of

bp = APIBlueprint("messages", __name__, enable_openapi=False)


@bp.get("/messages")
@allow(*EVERY_ROLE)
def mine() -> str:
    before = request.args.get("before", type=int)
    return render_template(
        "messages/mine.html", page=messages_of(db.session, current_actor(), before)
    )


@bp.post("/messages/read")
@allow(*EVERY_ROLE)
def read() -> ResponseReturnValue:
    until = request.form.get("until", 0, type=int)
    mark_read(db.session, current_actor(), until, house().clock.now())
    return redirect(url_for("messages.mine"), 303)
