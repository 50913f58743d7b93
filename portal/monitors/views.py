"""The operator's pages about money as a whole, and the association's."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.access import Role, allow, current_actor
from portal.database import db
from portal.errors import Refused
from portal.forms import WishForm, done, drawn, faults_in
from portal.house import house
from portal.invariants.queries import latest
from portal.monitors import desk, queries
from portal.monitors.forms import AdvanceForm, ResolveForm
from portal.monitors.kinds import KINDS, OWNERS, STATES, STEPS
from portal.monitors.overview import overview
from portal.monitors.ways import movement_href, ways
from portal.reconciling.queries import days

bp = APIBlueprint("monitors", __name__, enable_openapi=False)
NAMES = {"text": "why"}
LABELS = {"kinds": KINDS, "owners": OWNERS, "states": STATES, "step_labels": STEPS}


@bp.get("/ops/money")
@allow(Role.OPERATOR)
def home() -> str:
    now = house().clock.now()
    found = overview(db.session, current_actor(), house().providers, now)
    return render_template("monitors/home.html", found=found, now=now, ways=ways(), **LABELS)


@bp.get("/ops/money/items")
@allow(Role.OPERATOR)
def items() -> str:
    asked = {name: request.args.get(name, "")[:40] for name in ("kind", "state", "after")}
    return render_template(
        "monitors/items.html",
        found=queries.items(db.session, current_actor(), **asked),
        counts=queries.counts(db.session),
        asked=asked,
        now=house().clock.now(),
        **LABELS,
    )


@bp.get("/ops/money/items/<item_no>")
@allow(Role.OPERATOR, Role.ASSOCIATION)
def item(item_no: str) -> str:
    return _item_page(item_no)


@bp.post("/ops/money/items/<item_no>/take")
@allow(Role.OPERATOR)
def take(item_no: str) -> ResponseReturnValue:
    try:
        desk.take(db.session, house(), current_actor(), item_no)
        db.session.commit()
        flash(gettext("由你处理。"), "success")
    except Refused as fault:
        flash(gettext(fault.message), "error")
    return redirect(url_for(".item", item_no=item_no), 303)


@bp.post("/ops/money/items/<item_no>")
@allow(Role.OPERATOR)
def resolve(item_no: str) -> ResponseReturnValue:
    form, actor = ResolveForm(), current_actor()
    text = form.text.data or ""
    with faults_in(form, lambda: _item_page(item_no, form)):
        desk.resolve(db.session, house(), actor, item_no, text, form.key_of(actor))
    return done(gettext("已了结，理由已记录。"), ".item", item_no=item_no)


@bp.post("/ops/money/items/<item_no>/advance")
@allow(Role.OPERATOR)
def advance_now(item_no: str) -> ResponseReturnValue:
    form, actor = AdvanceForm(), current_actor()
    why = form.why.data or ""
    with faults_in(form, lambda: _item_page(item_no, form), NAMES):
        desk.advance(db.session, house(), actor, item_no, why, form.key_of(actor))
    said = gettext("已改为平台先行赔付，系统会先确认原来的付款没有成功。")
    return done(said, ".item", item_no=item_no)


def _item_page(item_no: str, sent: WishForm | None = None) -> str:
    actor = current_actor()
    row = queries.item_of(db.session, actor, item_no)
    operator = actor.has(Role.OPERATOR)
    return render_template(
        "monitors/item.html",
        row=row,
        kind=KINDS[row.kind],
        steps=queries.steps_of(db.session, item_no),
        taker=queries.taker_of(db.session, row) if operator else "",
        form=sent,
        resolving=drawn(ResolveForm, sent),
        advancing=drawn(AdvanceForm, sent),
        movement_href=movement_href(row.refund_no),
        offered=operator and queries.may_advance(db.session, row),
        operator=operator,
        now=house().clock.now(),
        **LABELS,
    )


@bp.get("/association/money")
@allow(Role.ASSOCIATION, Role.OPERATOR)
def overseen() -> str:
    now = house().clock.now()
    return render_template(
        "monitors/overseen.html",
        found=queries.raised(db.session, request.args.get("after", "")[:40]),
        invariants=latest(db.session),
        days=days(db.session),
        simulated=any(provider.simulated for provider in house().providers),
        now=now,
        **LABELS,
    )
