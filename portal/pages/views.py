"""Pages that need no account."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import render_template

from portal.access import public
from portal.rulebook import CURRENT

bp = APIBlueprint("pages", __name__, enable_openapi=False)


@bp.get("/")
@public
def home() -> str:
    return render_template("pages/home.html", rules=CURRENT)


@bp.get("/rules")
@public
def rules() -> str:
    return render_template("pages/rules.html", rules=CURRENT)


@bp.get("/help")
@public
def guide() -> str:
    return render_template("pages/help.html", rules=CURRENT)
