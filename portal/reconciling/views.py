"""Reconciled days for operator and association; the bill's own lines are the operator's alone."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.access import Role, allow, current_actor
from portal.controls.desk import person
from portal.database import db
from portal.errors import BadInput
from portal.errors import sentence as _
from portal.forms import done, drawn, faults_in
from portal.house import house
from portal.reconciling import desk, queries
from portal.reconciling.comparing import KINDS
from portal.reconciling.csvfile import csv_lines
from portal.reconciling.forms import CloseForm
from portal.reconciling.queries import Place
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
    row = queries.day_of(db.session, provider, day)
    return render_template(
        "reconciling/day.html",
        row=row,
        known=bool(queries.known(db.session, (row,))),
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


@bp.get("/ops/money/reconciliation/<provider>/<day>/differences/<int:number>")
@allow(Role.OPERATOR)
def difference(provider: str, day: str, number: int) -> str:
    return _difference_page(Place(provider, day, number))


@bp.post("/ops/money/reconciliation/<provider>/<day>/differences/<int:number>")
@allow(Role.OPERATOR)
def close(provider: str, day: str, number: int) -> ResponseReturnValue:
    form, actor, place = CloseForm(), current_actor(), Place(provider, day, number)
    with faults_in(form, lambda: _difference_page(place, form)):
        word, name = form.as_word(), form.key_of(actor)
        desk.close_difference(db.session, house(), actor, place, word, name)
    return done(gettext(_said(place)), ".day", provider=provider, day=day)


def _said(place: Place) -> str:
    closed = queries.difference(db.session, place).closed
    return _("已了结，理由已记录。") if closed else _("已记录。金额较大，等另一位管理员确认。")


def _difference_page(place: Place, sent: CloseForm | None = None) -> str:
    found = queries.difference(db.session, place)
    form = drawn(CloseForm, sent)
    form.seen.data = found.digest
    return render_template(
        "reconciling/difference.html",
        found=found,
        form=form,
        sent=sent,
        kinds=KINDS,
        mine=person(current_actor()) in {each.event.approver for each in found.words},
    )
