"""The officer's pages: what waits, and a case with what can be done about it."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.access import Role, allow, current_actor
from portal.database import db
from portal.forms import done, faults_in
from portal.house import house
from portal.officers import desk
from portal.officers.forms import AppraisalForm, ConfirmationForm, ReportForm, decision_form
from portal.officers.pages import case_page
from portal.officers.queries import waiting

bp = APIBlueprint("officers", __name__, enable_openapi=False)


@bp.get("/ops/officer")
@allow(Role.OPERATOR)
def queue() -> str:
    now = house().clock.now()
    return render_template("officers/queue.html", waiting=waiting(db.session), now=now)


@bp.get("/ops/officer/<case_no>")
@allow(Role.OPERATOR)
def case(case_no: str) -> ResponseReturnValue:
    return case_page(case_no)


@bp.post("/ops/officer/<case_no>/ruling")
@allow(Role.OPERATOR)
def decide(case_no: str) -> ResponseReturnValue:
    actor = current_actor()
    form = decision_form(desk.case_for_officer(house(), actor, case_no))
    with faults_in(form, lambda: case_page(case_no, form)):
        desk.decide(house(), actor, form.as_wish(case_no), form.key_of(actor))
    return done(gettext("结论已记录，双方可以申请复核。"), "rulings.page", case_no=case_no)


@bp.post("/ops/officer/<case_no>/appraisal")
@allow(Role.OPERATOR)
def order_appraisal(case_no: str) -> ResponseReturnValue:
    actor, form = current_actor(), AppraisalForm()
    with faults_in(form, lambda: case_page(case_no, form)):
        desk.decide(house(), actor, form.as_wish(case_no), form.key_of(actor))
    return done(gettext("已委托鉴定，双方会收到消息。"), ".case", case_no=case_no)


@bp.post("/ops/officer/<case_no>/appraisal/result")
@allow(Role.OPERATOR)
def receive_appraisal(case_no: str) -> ResponseReturnValue:
    actor, form = current_actor(), ReportForm()
    with faults_in(form, lambda: case_page(case_no, form)):
        desk.receive(house(), actor, case_no, form.as_report(), form.key_of(actor))
    return done(gettext("鉴定报告已写入存证。"), ".case", case_no=case_no)


@bp.post("/ops/officer/<case_no>/statutory")
@allow(Role.OPERATOR)
def confirm(case_no: str) -> ResponseReturnValue:
    actor, form = current_actor(), ConfirmationForm()
    with faults_in(form, lambda: case_page(case_no, form)):
        desk.decide(house(), actor, form.as_wish(case_no), form.key_of(actor))
    return done(gettext("已记录，双方会收到消息。"), ".case", case_no=case_no)
