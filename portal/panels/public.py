"""Draws for everybody: the list, one draw step by step, and what a browser repeats it from."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, jsonify, render_template, request

from portal.access import public
from portal.audit.vouching import witness_keys
from portal.database import db
from portal.house import house
from portal.panels.drawing import Drawing, as_json, drawing_of, pool_file
from portal.panels.draws import count_draws, list_draws

bp = APIBlueprint("draws", __name__, enable_openapi=False)


@bp.get("/panels")
@public
def listing() -> str:
    page = list_draws(db.session, request.args.get("before", ""))
    counted = count_draws(db.session, house().clock.now())
    return render_template("panels/draws.html", page=page, counted=counted)


@bp.get("/cases/<case_no>/draw")
@public
def draw(case_no: str) -> str:
    log = house().log
    return render_template(
        "panels/draw.html",
        drawing=_asked(case_no),
        vkey=log.verifier.vkey,
        witness_keys=witness_keys(log),
    )


@bp.get("/cases/<case_no>/draw.json")
@public
def repeat(case_no: str) -> Response:
    return jsonify(as_json(_asked(case_no)))


@bp.get("/cases/<case_no>/draw/pool.json")
@public
def pool(case_no: str) -> Response:
    """The bytes whose digest PANEL_CALLED holds; they never change."""
    answer = Response(pool_file(house().files, _asked(case_no)), mimetype="application/json")
    answer.cache_control.public = True
    answer.cache_control.max_age = 86400
    return answer


def _asked(case_no: str) -> Drawing:
    number = request.args.get("round", type=int)
    return drawing_of(db.session, house().files, case_no, number)
