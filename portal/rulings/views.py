"""The outcome: one page for everybody who may see the case."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import render_template
from flask.typing import ResponseReturnValue

from portal.access import EVERY_ROLE, allow, current_actor
from portal.cases.queries import seen_case
from portal.database import db
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.house import house
from portal.panels.desk import REFUSALS
from portal.refunds.turns import blocked_of
from portal.rulings.page import Surroundings, outcome_page
from portal.rulings.queries import ruling_entry

bp = APIBlueprint("rulings", __name__, enable_openapi=False)


@bp.get("/cases/<case_no>/outcome")
@allow(*EVERY_ROLE)
def page(case_no: str) -> ResponseReturnValue:
    seen = seen_case(db.session, current_actor(), case_no)
    entry = ruling_entry(db.session, case_no)
    if entry is None or seen.case.ruling is None:
        raise NotFound(_("本案还没有处理结论"))
    parts = house()
    blocked = blocked_of(db.session, seen.case)
    vkey = parts.log.verifier.vkey
    around = Surroundings(entry, parts.files, vkey, parts.clock.now(), blocked)
    shown = outcome_page(seen, around)
    return render_template("rulings/outcome.html", page=shown, refusals=REFUSALS)
