"""The officer's pages: what waits, and a case with what can be done about it."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.access import Role, allow, current_actor
from portal.database import db
from portal.errors import BadInput, PortalError, Refused
from portal.forms import show_fault
from portal.house import house
from portal.idempotency import command_id
from portal.officers import desk
from portal.officers.forms import AppraisalForm, ConfirmationForm, ReportForm, decision_form
from portal.officers.pages import Forms, case_page
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
    return case_page(case_no, Forms())


@bp.post("/ops/officer/<case_no>/ruling")
@allow(Role.OPERATOR)
def decide(case_no: str) -> ResponseReturnValue:
    actor = current_actor()
    form = decision_form(desk.case_for_officer(house(), actor, case_no))
    try:
        wish = command_id(actor, form.command_id.data)
        desk.decide(house(), actor, form.as_wish(case_no), wish)
    except (BadInput, Refused) as fault:
        return _again(case_no, Forms(decision=form), fault)
    flash(gettext("结论已记录，双方可以申请复核。"), "success")
    return redirect(url_for("rulings.page", case_no=case_no), 303)


@bp.post("/ops/officer/<case_no>/appraisal")
@allow(Role.OPERATOR)
def order_appraisal(case_no: str) -> ResponseReturnValue:
    actor, form = current_actor(), AppraisalForm()
    try:
        wish = command_id(actor, form.command_id.data)
        desk.decide(house(), actor, form.as_wish(case_no), wish)
    except (BadInput, Refused) as fault:
        return _again(case_no, Forms(appraisal=form), fault)
    flash(gettext("已委托鉴定，双方会收到消息。"), "success")
    return redirect(url_for(".case", case_no=case_no), 303)


@bp.post("/ops/officer/<case_no>/appraisal/result")
@allow(Role.OPERATOR)
def receive_appraisal(case_no: str) -> ResponseReturnValue:
    actor, form = current_actor(), ReportForm()
    try:
        wish = command_id(actor, form.command_id.data)
        desk.receive(house(), actor, case_no, form.as_report(), wish)
    except (BadInput, Refused) as fault:
        return _again(case_no, Forms(report=form), fault)
    flash(gettext("鉴定报告已写入存证。"), "success")
    return redirect(url_for(".case", case_no=case_no), 303)


@bp.post("/ops/officer/<case_no>/statutory")
@allow(Role.OPERATOR)
def confirm(case_no: str) -> ResponseReturnValue:
    actor, form = current_actor(), ConfirmationForm()
    try:
        wish = command_id(actor, form.command_id.data)
        desk.decide(house(), actor, form.as_wish(case_no), wish)
    except (BadInput, Refused) as fault:
        return _again(case_no, Forms(confirmation=form), fault)
    flash(gettext("已记录，双方会收到消息。"), "success")
    return redirect(url_for(".case", case_no=case_no), 303)


def _again(case_no: str, forms: Forms, fault: PortalError) -> Response:
    """The page as it is now, with what was written and why it was not taken."""
    form = forms.sent
    assert form is not None, "a fault without a form"
    show_fault(form, fault)
    return make_response(case_page(case_no, forms), fault.status)
