"""The operator's pages of approvals, limits and single movements."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.access import Role, allow, current_actor
from portal.controls import desk
from portal.controls.forms import ApprovalForm, CardForm, ControlForm, OverrideForm, SwitchForm
from portal.controls.pages import Forms, approvals_page, controls_page, movement_page
from portal.errors import BadInput, Refused
from portal.forms import show_fault
from portal.house import house
from portal.idempotency import command_id

bp = APIBlueprint("controls", __name__, enable_openapi=False)


@bp.get("/ops/money/approvals")
@allow(Role.OPERATOR)
def approvals() -> str:
    return approvals_page()


@bp.get("/ops/money/movements/<refund_no>")
@allow(Role.OPERATOR)
def movement(refund_no: str) -> str:
    return movement_page(refund_no, Forms())


@bp.post("/ops/money/movements/<refund_no>/approval")
@allow(Role.OPERATOR)
def approve(refund_no: str) -> ResponseReturnValue:
    form, actor = ApprovalForm(), current_actor()
    try:
        wish = command_id(actor, form.command_id.data)
        desk.approve(house(), actor, refund_no, form.text.data or "", wish)
    except (BadInput, Refused) as fault:
        show_fault(form, fault)
        return movement_page(refund_no, Forms(approval=form)), fault.status
    flash(gettext("批准已记录。"), "success")
    return redirect(url_for(".approvals"), 303)


@bp.post("/ops/money/movements/<refund_no>/override")
@allow(Role.OPERATOR)
def override(refund_no: str) -> ResponseReturnValue:
    form, actor = OverrideForm(), current_actor()
    try:
        wish = command_id(actor, form.command_id.data)
        what, text = form.what.data or "", form.text.data or ""
        desk.override(house(), actor, refund_no, what, text, wish)
    except (BadInput, Refused) as fault:
        show_fault(form, fault)
        return movement_page(refund_no, Forms(override=form)), fault.status
    flash(gettext("已记录，系统马上按它处理。"), "success")
    return redirect(url_for(".movement", refund_no=refund_no), 303)


@bp.post("/ops/money/movements/<refund_no>/card")
@allow(Role.OPERATOR)
def send_on(refund_no: str) -> ResponseReturnValue:
    form, actor = CardForm(), current_actor()
    try:
        wish = command_id(actor, form.command_id.data)
        desk.send_on(house(), actor, refund_no, form.text.data or "", form.as_card(), wish)
    except (BadInput, Refused) as fault:
        show_fault(form, fault)
        return movement_page(refund_no, Forms(card=form)), fault.status
    flash(gettext("支付机构已受理改付。"), "success")
    return redirect(url_for(".movement", refund_no=refund_no), 303)


@bp.get("/ops/money/controls")
@allow(Role.OPERATOR)
def controls() -> str:
    return controls_page(ControlForm(), SwitchForm())


@bp.post("/ops/money/controls")
@allow(Role.OPERATOR)
def set_limit() -> ResponseReturnValue:
    form, actor = ControlForm(), current_actor()
    try:
        wish = command_id(actor, form.command_id.data)
        desk.set_control(house(), actor, form.as_wish(), wish)
    except (BadInput, Refused) as fault:
        show_fault(form, fault)
        return controls_page(form, SwitchForm(formdata=None)), fault.status
    flash(gettext("已记录。放宽的限额要另一位管理员填同样的数值才生效。"), "success")
    return redirect(url_for(".controls"), 303)


@bp.post("/ops/money/controls/switch")
@allow(Role.OPERATOR)
def switch() -> ResponseReturnValue:
    form, actor = SwitchForm(), current_actor()
    try:
        wish = command_id(actor, form.command_id.data)
        desk.set_control(house(), actor, form.as_wish(), wish)
    except (BadInput, Refused) as fault:
        show_fault(form, fault)
        return controls_page(ControlForm(formdata=None), form), fault.status
    flash(gettext("开关已更改，并已记录。"), "success")
    return redirect(url_for(".controls"), 303)
