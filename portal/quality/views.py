"""Public figures by quarter, and the operator's list of what to look at."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import Length

from portal.access import Role, allow, current_actor, public
from portal.database import db
from portal.errors import BadInput, Refused
from portal.forms import done
from portal.house import house
from portal.integrity.words import FLAGS
from portal.quality import desk, queries

bp = APIBlueprint("quality", __name__, enable_openapi=False)


@bp.get("/quality")
@public
def published() -> str:
    return _page(None)


@bp.get("/quality/<quarter>")
@public
def quarter(quarter: str) -> str:
    return _page(quarter)


def _page(quarter: str | None) -> str:
    return render_template(
        "quality/published.html",
        report=queries.report(db.session, quarter),
        quarters=queries.quarters(db.session),
    )


class NoteForm(FlaskForm):
    note = StringField(validators=[Length(max=desk.MOST_NOTE)])


@bp.get("/ops/quality")
@allow(Role.OPERATOR)
def proposals() -> str:
    return _proposals_page()


@bp.post("/ops/quality/<key>")
@allow(Role.OPERATOR)
def choose(key: str) -> ResponseReturnValue:
    taken = request.form.get("do") == "take"
    wish = desk.Choice(key, taken, NoteForm().note.data or "")
    try:
        desk.choose(db.session, house(), current_actor(), wish)
    except (BadInput, Refused) as fault:
        flash(gettext(fault.message) % fault.params, "error")
        return _proposals_page(), fault.status
    said = gettext("已立案，对方可以说明。") if taken else gettext("已放在一边。")
    return done(said, ".proposals")


def _proposals_page() -> str:
    skip = max(0, request.args.get("skip", default=0, type=int))
    state = request.args.get("state", "NEW")
    return render_template(
        "quality/proposals.html",
        found=queries.proposals(db.session, state, skip),
        report=queries.report(db.session, None),
        state=state,
        skip=skip,
        flags=FLAGS,
    )
