"""The operator's pages of approvals, limits and single movements."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.access import Role, allow, current_actor
from portal.controls import desk
from portal.controls.forms import ApprovalForm, CardForm, ControlForm, OverrideForm, SwitchForm
from portal.controls.pages import approvals_page, controls_page, movement_page, said_of
from portal.forms import done, faults_in
from portal.house import house

bp = APIBlueprint("controls", __name__, enable_openapi=False)


@bp.get("/ops/money/approvals")
@allow(Role.OPERATOR)
def approvals() -> str:
    return approvals_page()


@bp.get("/ops/money/movements/<refund_no>")
@allow(Role.OPERATOR)
def movement(refund_no: str) -> str:
    return movement_page(refund_no)


@bp.post("/ops/money/movements/<refund_no>/approval")
@allow(Role.OPERATOR)
def approve(refund_no: str) -> ResponseReturnValue:
    form, actor = ApprovalForm(), current_actor()
    with faults_in(form, lambda: movement_page(refund_no, form)):
        desk.approve(house(), actor, refund_no, form.text.data or "", form.key_of(actor))
    return done(gettext("批准已记录。"), ".approvals")


@bp.post("/ops/money/movements/<refund_no>/override")
@allow(Role.OPERATOR)
def override(refund_no: str) -> ResponseReturnValue:
    form, actor = OverrideForm(), current_actor()
    what, text = form.what.data or "", form.text.data or ""
    with faults_in(form, lambda: movement_page(refund_no, form)):
        desk.override(house(), actor, refund_no, what, text, form.key_of(actor))
    return done(gettext("已记录，系统马上按它处理。"), ".movement", refund_no=refund_no)


@bp.post("/ops/money/movements/<refund_no>/card")
@allow(Role.OPERATOR)
def send_on(refund_no: str) -> ResponseReturnValue:
    form, actor = CardForm(), current_actor()
    text = form.text.data or ""
    with faults_in(form, lambda: movement_page(refund_no, form)):
        desk.send_on(house(), actor, refund_no, text, form.as_card(), form.key_of(actor))
    return done(gettext("支付机构已受理改付。"), ".movement", refund_no=refund_no)


@bp.get("/ops/money/controls")
@allow(Role.OPERATOR)
def controls() -> str:
    return controls_page()


@bp.post("/ops/money/controls")
@allow(Role.OPERATOR)
def set_limit() -> ResponseReturnValue:
    form, actor = ControlForm(), current_actor()
    with faults_in(form, lambda: controls_page(form)):
        asked = form.as_wish()
        desk.set_control(house(), actor, asked, form.key_of(actor))
    return done(gettext(said_of(asked)), ".controls")


@bp.post("/ops/money/controls/switch")
@allow(Role.OPERATOR)
def switch() -> ResponseReturnValue:
    form, actor = SwitchForm(), current_actor()
    with faults_in(form, lambda: controls_page(form)):
        desk.set_control(house(), actor, form.as_wish(), form.key_of(actor))
    return done(gettext("开关已更改，并已记录。"), ".controls")
