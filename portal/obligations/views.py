"""Pages of what is owed in kind: a shop's list, a case's list, one obligation with its steps."""

from __future__ import annotations

from contextlib import AbstractContextManager

from apiflask import APIBlueprint
from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.access import Role, allow, current_actor
from portal.cases.queries import seen_case
from portal.database import db
from portal.forms import WishForm, done, faults_in
from portal.house import house
from portal.obligations import desk
from portal.obligations.forms import ButtonForm, DeedForm, DisputeForm, JudgeForm, ParcelForm
from portal.obligations.pages import draw
from portal.obligations.queries import broken, to_keep
from portal.obligations.shown import cards

bp = APIBlueprint("obligations", __name__, enable_openapi=False)

OF_CASE = "/cases/<case_no>/obligations"
ONE = f"{OF_CASE}/<number>"


@bp.get("/shop/obligations")
@allow(Role.MERCHANT)
def mine() -> str:
    """What this shop still has to do, the shortest time first."""
    lines = to_keep(db.session, current_actor())
    return render_template("obligations/mine.html", lines=lines, now=house().clock.now())


@bp.get("/obligations/broken")
@allow(Role.OPERATOR, Role.ASSOCIATION)
def unkept() -> str:
    """What was not kept and has no price to fall back to."""
    return render_template("obligations/broken.html", lines=broken(db.session))


@bp.get(OF_CASE)
@allow(Role.BUYER, Role.MERCHANT, Role.OPERATOR, Role.ASSOCIATION)
def of_case(case_no: str) -> str:
    seen = seen_case(db.session, current_actor(), case_no)
    return render_template("obligations/case.html", seen=seen, cards=cards(seen.case))


@bp.get(ONE)
@allow(Role.BUYER, Role.MERCHANT, Role.OPERATOR, Role.ASSOCIATION)
def page(case_no: str, number: str) -> ResponseReturnValue:
    return draw(desk.owing(house(), current_actor(), case_no, number))


@bp.post(f"{ONE}/shipped")
@allow(Role.MERCHANT)
def ship(case_no: str, number: str) -> ResponseReturnValue:
    actor, form = current_actor(), ParcelForm()
    parcel = (form.carrier.data or "", form.waybill.data or "")
    with _faults_in(form, case_no, number):
        desk.ship(house(), actor, case_no, number, parcel, form.key_of(actor))
    return _done(case_no, number, gettext("已记录寄出。送达后请在这里说明。"))


@bp.post(f"{ONE}/delivered")
@allow(Role.MERCHANT)
def deliver(case_no: str, number: str) -> ResponseReturnValue:
    actor = current_actor()
    desk.deliver(house(), actor, case_no, number, ButtonForm().key_of(actor))
    return _done(case_no, number, gettext("已记录送达，等买家确认。"))


@bp.post(f"{ONE}/done")
@allow(Role.MERCHANT)
def carry_out(case_no: str, number: str) -> ResponseReturnValue:
    actor, form = current_actor(), DeedForm()
    said = (form.text.data or "", tuple(form.files.data or ()))
    with _faults_in(form, case_no, number):
        desk.carry_out(house(), actor, case_no, number, said, form.key_of(actor))
    return _done(case_no, number, gettext("已记录，等买家确认。"))


@bp.post(f"{ONE}/confirmed")
@allow(Role.BUYER)
def confirm(case_no: str, number: str) -> ResponseReturnValue:
    actor = current_actor()
    desk.confirm(house(), actor, case_no, number, ButtonForm().key_of(actor))
    return _done(case_no, number, gettext("已确认。"))


@bp.post(f"{ONE}/disputed")
@allow(Role.BUYER)
def dispute(case_no: str, number: str) -> ResponseReturnValue:
    actor, form = current_actor(), DisputeForm()
    said = (form.why.data or "", form.text.data or "", tuple(form.files.data or ()))
    with _faults_in(form, case_no, number):
        desk.dispute(house(), actor, case_no, number, said, form.key_of(actor))
    return _done(case_no, number, gettext("异议已记录，等专员决定。"))


@bp.post("/ops/officer/<case_no>/obligations/<number>")
@allow(Role.OPERATOR)
def judge(case_no: str, number: str) -> ResponseReturnValue:
    actor, form = current_actor(), JudgeForm()
    with _faults_in(form, case_no, number):
        desk.judge(house(), actor, case_no, number, form.as_verdict(), form.key_of(actor))
    return _done(case_no, number, gettext("决定已记录，双方会收到消息。"))


def _done(case_no: str, number: str, said: str) -> ResponseReturnValue:
    return done(said, ".page", case_no=case_no, number=number)


def _faults_in(form: WishForm, case_no: str, number: str) -> AbstractContextManager[None]:
    """They stand in the page as it is now."""
    return faults_in(
        form, lambda: draw(desk.owing(house(), current_actor(), case_no, number), form)
    )
