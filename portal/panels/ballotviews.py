"""Doors around a ballot: exhibits that were opened, envelopes, the own ballot after the opening."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import Response, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import Role, allow, current_actor
from portal.cases.gallery import Tile
from portal.cases.queries import SeenCase
from portal.cases.shown import all_tiles
from portal.database import db
from portal.errors import BadInput, NotFound
from portal.errors import sentence as _
from portal.house import house
from portal.idempotency import command_id
from portal.panels import desk
from portal.panels.ownballot import own_ballot
from portal.panels.sealing import SERVER_KEY

bp = APIBlueprint("ballots", __name__, enable_openapi=False)
MOST_NUMBERS = 200


@bp.post("/r/<case_no>/sealed")
@allow(Role.REVIEWER)
def take(case_no: str) -> ResponseReturnValue:
    """An envelope that the voter's browser sealed."""
    actor, body = current_actor(), _body()
    envelope, wish = body.get("envelope"), body.get("command_id")
    if not isinstance(envelope, str) or not isinstance(wish, str):
        raise BadInput("envelope", _("封好的票格式不对，请刷新页面再试"))
    content = envelope.encode("utf-8", "replace")
    slip = desk.cast_sealed(house(), actor, case_no, content, command_id(actor, wish))
    told = {"slip": slip.code, "next": url_for("panels.sealed", case_no=case_no)}
    return jsonify(told | {"repeated": slip.repeated}), 201


@bp.post("/r/<case_no>/opened")
@allow(Role.REVIEWER)
def note(case_no: str) -> ResponseReturnValue:
    """Exhibits that the viewer or the player has really shown."""
    numbers = _body().get("numbers")
    if not isinstance(numbers, list) or len(numbers) > MOST_NUMBERS:
        raise BadInput("numbers", _("请列出凭证编号"))
    named = [number for number in numbers if isinstance(number, str)]
    held = desk.open_exhibits(house(), current_actor(), case_no, named)
    return jsonify({"opened": desk.opened_of(house(), held)})


@bp.get("/r/<case_no>/exhibits/<number>")
@allow(Role.REVIEWER)
def exhibit(case_no: str, number: str) -> ResponseReturnValue:
    """One exhibit on a page of its own, for those without scripts; it counts as opened."""
    held = desk.held_seat(house(), current_actor(), case_no)
    tile: Tile | None = all_tiles(SeenCase(held.case, "REVIEWER")).get(number)
    if tile is None:
        raise NotFound(_("没有这份凭证"))
    desk.open_exhibits(house(), current_actor(), case_no, [number])
    return render_template("panels/exhibit.html", case=held.case, tile=tile)


@bp.get("/r/<case_no>/opened")
@allow(Role.REVIEWER)
def opened(case_no: str) -> ResponseReturnValue:
    """One's own ballot as it was opened, compared with the slip."""
    own = own_ballot(db.session, current_actor(), case_no)
    if own.revealed is None:
        raise NotFound(_("这张票还没有开封"))
    return render_template("panels/opened.html", case=own.case, own=own, refusals=desk.REFUSALS)


@bp.get("/r/<case_no>/envelope")
@allow(Role.REVIEWER)
def envelope(case_no: str) -> ResponseReturnValue:
    """The envelope of one's own ballot, byte for byte: its SHA-256 is the slip."""
    own = own_ballot(db.session, current_actor(), case_no)
    if own.committed.sealed_by == SERVER_KEY:
        raise NotFound(_("这张票没有信封，由服务器封存"))
    content = house().files.read(own.committed.sealed)
    name = f"{case_no}-{own.seat.number}.envelope.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype="application/json", headers=headers)


def _body() -> dict[str, Any]:
    try:
        body = request.get_json(silent=True)
    except RecursionError:  # lists in lists in lists
        body = None
    if not isinstance(body, dict):
        raise BadInput("body", _("有内容无法读取，请检查后再提交"))
    return body
