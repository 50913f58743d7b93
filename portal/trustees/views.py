"""The operator's page about trustees."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import render_template

from portal.access import Role, allow
from portal.database import db
from portal.house import house
from portal.trustees.enrolment import keyholders
from portal.trustees.standing import standings, waiting_cases

bp = APIBlueprint("trustees", __name__, enable_openapi=False)


@bp.get("/ops/trustees")
@allow(Role.OPERATOR, Role.ASSOCIATION)
def page() -> str:
    return render_template(
        "trustees/page.html",
        standings=standings(house().config.trustees),
        enrolled=keyholders(house().sessions).keys,
        waiting=waiting_cases(db.session),
    )
