"""The operator's pages of the pool: who is in it, who applies, tables, one reviewer."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.access import Role, allow, current_actor
from portal.audit.labels import TRACKS
from portal.database import db
from portal.errors import BadInput, Refused
from portal.formats import spoken
from portal.forms import done, faults_in
from portal.house import house
from portal.pool import applying, desk, queries
from portal.pool.forms import (
    NAMES,
    STATES,
    DeclineForm,
    EnrollForm,
    ImportForm,
    StateForm,
    TieForm,
    TraitsForm,
)
from portal.pool.importing import COLUMNS, SHOWN, Imported, import_table
from portal.pool.ties import TIES, checked, ties_of, write_ties

bp = APIBlueprint("pool", __name__, enable_openapi=False)


@bp.get("/ops/pool")
@allow(Role.OPERATOR)
def home() -> str:
    asked = {name: request.args.get(name, "") for name in ("name", "stratum", "state", "after")}
    wanted = queries.Wanted(**asked)
    return render_template(
        "pool/home.html",
        stock=queries.stock(db.session),
        page=queries.pool_page(db.session, wanted),
        wanted=wanted,
        waiting=queries.count_waiting(db.session),
        states=STATES,
        tracks=TRACKS,
    )


@bp.get("/ops/pool/new")
@allow(Role.OPERATOR)
def invite() -> str:
    return _invite_page(EnrollForm())


def _invite_page(form: EnrollForm) -> str:
    return render_template("pool/invite.html", form=form)


@bp.post("/ops/pool/new")
@allow(Role.OPERATOR)
def enroll() -> ResponseReturnValue:
    form, actor = EnrollForm(), current_actor()
    if not form.validate():
        return _invite_page(form), 422
    with faults_in(form, lambda: _invite_page(form), NAMES):
        wish = form.as_welcome(form.key_of(actor))
        issued = desk.welcome(db.session, house(), actor, wish)
    name = wish.reviewer.reviewer_id
    flash(gettext("评审员 %(name)s 已登记。", name=name), "success")
    if issued:
        return render_template("operations/issued.html", name=name, issued=issued)
    return redirect(url_for(".member", reviewer_id=name), 303)


@bp.get("/ops/pool/import")
@allow(Role.OPERATOR)
def table() -> str:
    return _import_page(ImportForm(), Imported())


@bp.post("/ops/pool/import")
@allow(Role.OPERATOR)
def take_table() -> ResponseReturnValue:
    form = ImportForm()
    content = form.table.data.read() if form.table.data else b""
    with faults_in(form, lambda: _import_page(form, Imported())):
        taken = import_table(db.session, house(), current_actor(), content)
    if taken.faults:
        return _import_page(form, taken), 422
    return done(gettext("%(n)s 名评审员已在评审库里。", n=taken.count), ".home")


def _import_page(form: ImportForm, taken: Imported) -> str:
    return render_template(
        "pool/import.html", form=form, done=taken, columns=COLUMNS, most=SHOWN, spoken=spoken
    )


@bp.get("/ops/pool/applications")
@allow(Role.OPERATOR)
def applications() -> str:
    return _applications_page()


@bp.post("/ops/pool/applications/<int:number>/approve")
@allow(Role.OPERATOR)
def approve(number: int) -> ResponseReturnValue:
    try:
        name = applying.approve(db.session, house(), current_actor(), number)
    except (BadInput, Refused) as fault:
        db.session.rollback()
        flash(gettext(fault.message) % fault.params, "error")
        return _applications_page(), fault.status
    return done(gettext("已登记为 %(name)s，通过练习后可以被抽中。", name=name), ".applications")


@bp.post("/ops/pool/applications/<int:number>/decline")
@allow(Role.OPERATOR)
def decline(number: int) -> ResponseReturnValue:
    form = DeclineForm()
    try:
        applying.decline(db.session, number, form.reason.data or "", house().clock.now())
    except (BadInput, Refused) as fault:
        flash(gettext(fault.message) % fault.params, "error")
        return _applications_page(), fault.status
    return done(gettext("已婉拒，申请人能看到原因。"), ".applications")


def _applications_page() -> str:
    after = request.args.get("after", default=0, type=int)
    found = queries.applications(db.session, after)
    return render_template(
        "pool/applications.html",
        found=found[: queries.PAGE],
        next=found[queries.PAGE - 1].row.id if found[queries.PAGE :] else None,
        after=after,
        form=DeclineForm(),
        ties=TIES,
    )


@bp.get("/ops/pool/<reviewer_id>")
@allow(Role.OPERATOR)
def member(reviewer_id: str) -> str:
    return _member_page(reviewer_id)


@bp.post("/ops/pool/<reviewer_id>")
@allow(Role.OPERATOR)
def change(reviewer_id: str) -> ResponseReturnValue:
    form, actor = TraitsForm(), current_actor()
    desk.member(db.session, reviewer_id)
    if not form.validate():
        return _member_page(reviewer_id, traits=form), 422
    with faults_in(form, lambda: _member_page(reviewer_id, traits=form), NAMES):
        desk.record(house(), actor, form.as_change(reviewer_id), form.key_of(actor))
    return done(gettext("已更改，并已记录。"), ".member", reviewer_id=reviewer_id)


@bp.post("/ops/pool/<reviewer_id>/state")
@allow(Role.OPERATOR)
def set_state(reviewer_id: str) -> ResponseReturnValue:
    form, actor = StateForm(), current_actor()
    desk.member(db.session, reviewer_id)
    with faults_in(form, lambda: _member_page(reviewer_id, states=form)):
        desk.set_state(house(), actor, form.as_wish(reviewer_id), form.key_of(actor))
    return done(gettext("已更改，并已记录。"), ".member", reviewer_id=reviewer_id)


@bp.post("/ops/pool/<reviewer_id>/ties")
@allow(Role.OPERATOR)
def add_tie(reviewer_id: str) -> ResponseReturnValue:
    form = TieForm()
    desk.member(db.session, reviewer_id)
    kind = form.kind.data if form.kind.data in TIES else "WORKED_FOR"
    if not form.validate():
        return _member_page(reviewer_id), 422
    pairs = checked({kind: [form.value.data or ""]})
    write_ties(db.session, reviewer_id, pairs, "OBSERVED", house().clock.now())
    db.session.commit()
    return redirect(url_for(".member", reviewer_id=reviewer_id), 303)


def _member_page(
    reviewer_id: str, traits: TraitsForm | None = None, states: StateForm | None = None
) -> str:
    row = desk.member(db.session, reviewer_id)
    known = {"knows": "、".join(row.fields), "tongues": list(row.languages)}
    return render_template(
        "pool/member.html",
        row=row,
        traits=traits or TraitsForm(None, quota=row.quota, weight=row.weight, **known),
        state_form=states or StateForm(None),
        tie_form=TieForm(None),
        ties=ties_of(db.session, reviewer_id),
        tie_labels=TIES,
        states=STATES,
        practice=queries.practice_of(db.session, reviewer_id),
        open_seats=queries.open_seats(db.session, reviewer_id),
    )
