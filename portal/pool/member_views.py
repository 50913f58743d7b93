"""A reviewer's own pages: applying, the entry test, the code of conduct, the own record."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.access import EVERY_ROLE, Role, allow, current_actor
from portal.database import db
from portal.forms import WishForm, done, faults_in
from portal.house import house
from portal.pool import applying, desk, queries
from portal.pool.commands import PauseMyself
from portal.pool.forms import NAMES, STATES, ApplyForm, PracticeForm
from portal.pool.participation import participation_of
from portal.pool.state import ENOUGH, SET_SIZE

bp = APIBlueprint("membership", __name__, enable_openapi=False)


@bp.get("/r/apply")
@allow(*EVERY_ROLE)
def application() -> str:
    return _apply_page(ApplyForm())


@bp.post("/r/apply")
@allow(*EVERY_ROLE)
def apply() -> ResponseReturnValue:
    form = ApplyForm()
    if not form.validate():
        return _apply_page(form), 422
    with faults_in(form, lambda: _apply_page(form), NAMES):
        now = house().clock.now()
        applying.apply(db.session, current_actor(), form.as_application(), now)
    return done(gettext("申请已提交，运营会答复你。"), ".application")


def _apply_page(form: ApplyForm) -> str:
    row = applying.application_of(db.session, current_actor())
    return render_template("pool/apply.html", form=form, row=row)


@bp.get("/r/practice")
@allow(Role.REVIEWER)
def practice() -> str:
    row = desk.member(db.session, current_actor().reviewer_id)
    found = queries.practice_of(db.session, row.reviewer_id)
    return render_template(
        "pool/practice.html", row=row, practice=found, enough=ENOUGH, size=SET_SIZE
    )


@bp.get("/r/practice/<number>")
@allow(Role.REVIEWER)
def practice_case(number: str) -> str:
    return _practice_page(number, PracticeForm(desk.practice_case(number)))


@bp.post("/r/practice/<number>")
@allow(Role.REVIEWER)
def judge(number: str) -> ResponseReturnValue:
    form, actor = PracticeForm(desk.practice_case(number)), current_actor()
    with faults_in(form, lambda: _practice_page(number, form)):
        desk.judge(house(), actor, number, form.choice.data or "", form.key_of(actor))
    return redirect(url_for(".practice_case", number=number), 303)


def _practice_page(number: str, form: PracticeForm) -> str:
    case = desk.practice_case(number)
    row = desk.member(db.session, current_actor().reviewer_id)
    again = desk.may_begin_again(house(), row.reviewer_id)
    found = queries.practice_of(db.session, row.reviewer_id, fresh=again)
    return render_template(
        "pool/practice_case.html",
        case=case,
        judged=found.judged(number),
        following=found.following(number),
        row=row,
        form=form,
        size=SET_SIZE,
    )


@bp.get("/r/conduct")
@allow(Role.REVIEWER)
def conduct() -> str:
    row = desk.member(db.session, current_actor().reviewer_id)
    return render_template("pool/conduct.html", row=row)


@bp.get("/r/record")
@allow(Role.REVIEWER)
def record() -> str:
    return _record_page(WishForm())


@bp.post("/r/record/pause")
@allow(Role.REVIEWER)
def pause() -> ResponseReturnValue:
    return _set_pause(True)


@bp.post("/r/record/resume")
@allow(Role.REVIEWER)
def resume() -> ResponseReturnValue:
    return _set_pause(False)


def _set_pause(wanted: bool) -> ResponseReturnValue:
    form, actor = WishForm(), current_actor()
    wish = PauseMyself(actor.reviewer_id or "", wanted)
    with faults_in(form, lambda: _record_page(form)):
        desk.record(house(), actor, wish, form.key_of(actor))
    return done(gettext("已更改，并已记录。"), ".record")


def _record_page(form: WishForm) -> str:
    row = desk.member(db.session, current_actor().reviewer_id)
    return render_template(
        "pool/record.html",
        row=row,
        form=form,
        states=STATES,
        found=participation_of(db.session, row.reviewer_id),
        practice=queries.practice_of(db.session, row.reviewer_id),
        open_seats=queries.open_seats(db.session, row.reviewer_id),
    )
