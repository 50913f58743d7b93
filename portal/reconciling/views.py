"""Reconciled days for operator and association; the bill's own lines are the operator's alone."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.access import Role, allow, current_actor
from portal.database import db
from portal.errors import BadInput
from portal.house import house
from portal.reconciling import desk, queries
from portal.reconciling.comparing import KINDS
from portal.reconciling.csvfile import csv_lines
from portal.spreadsheet import answer_csv

bp = APIBlueprint("reconciling", __name__, enable_openapi=False)


@bp.get("/ops/money/reconciliation")
@allow(Role.OPERATOR, Role.ASSOCIATION)
def days() -> str:
    asked = {name: request.args.get(name, "")[:40] for name in ("provider", "result", "after")}
    return render_template(
        "reconciling/days.html",
        found=queries.days(db.session, **asked),
        asked=asked,
        names=[provider.name for provider in house().providers],
    )


@bp.get("/ops/money/reconciliation/<provider>/<day>")
@allow(Role.OPERATOR, Role.ASSOCIATION)
def day(provider: str, day: str) -> str:
    after = min(max(0, request.args.get("after", default=0, type=int)), queries.MOST_ID)
    return render_template(
        "reconciling/day.html",
        row=queries.day_of(db.session, provider, day),
        payouts=queries.payouts_of(db.session, provider, day),
        page=queries.differences(db.session, provider, day, after),
        after=after,
        now=house().clock.now(),
        kinds=KINDS,
        operator=current_actor().has(Role.OPERATOR),
    )


@bp.post("/ops/money/reconciliation/<provider>/<day>")
@allow(Role.OPERATOR)
def again(provider: str, day: str) -> ResponseReturnValue:
    try:
        desk.ask_again(db.session, house(), provider, day)
        db.session.commit()
        flash(gettext("已安排，后台会在两分钟内重新对账。"), "success")
    except BadInput as fault:
        flash(gettext(fault.message), "error")
    return redirect(url_for(".day", provider=provider, day=day), 303)


@bp.get("/ops/money/reconciliation/<provider>/<day>/differences.csv")
@allow(Role.OPERATOR, Role.ASSOCIATION)
def differences_csv(provider: str, day: str) -> Response:
    row = queries.day_of(db.session, provider, day)
    lines = csv_lines(queries.every_difference(db.session, row.provider, row.day))
    return answer_csv(lines, f"mingan-{row.provider}-{row.day}.csv")
