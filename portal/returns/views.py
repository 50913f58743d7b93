"""The page of a return: the merchant objects, the buyer answers, an officer decides."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, flash, make_response, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.access import Role, allow, current_actor
from portal.errors import BadInput, NotFound, PortalError, Refused, sentence
from portal.forms import show_fault
from portal.house import house
from portal.idempotency import command_id
from portal.returns import desk
from portal.returns.forms import AnswerForm, AskForm, ContestForm, judge_form
from portal.returns.pages import Forms, draw

bp = APIBlueprint("returns", __name__, enable_openapi=False)


@bp.get("/cases/<case_no>/return")
@allow(Role.BUYER, Role.MERCHANT, Role.OPERATOR, Role.ASSOCIATION)
def page(case_no: str) -> ResponseReturnValue:
    seen = desk.seen_return(house(), current_actor(), case_no)
    if seen.case.shipped is None:
        raise NotFound(sentence("本案没有退货"))
    return draw(seen, Forms())


@bp.post("/cases/<case_no>/return/contest")
@allow(Role.MERCHANT)
def contest(case_no: str) -> ResponseReturnValue:
    actor, form = current_actor(), ContestForm()
    try:
        wish = command_id(actor, form.command_id.data)
        desk.contest(house(), actor, case_no, form.as_objection(), wish)
    except (BadInput, Refused) as fault:
        return _again(case_no, Forms(contest=form), fault)
    flash(gettext("异议已记录，退款先停下，等买家回应。"), "success")
    return redirect(url_for(".page", case_no=case_no), 303)


@bp.post("/cases/<case_no>/return/answer")
@allow(Role.BUYER)
def answer(case_no: str) -> ResponseReturnValue:
    actor, form = current_actor(), AnswerForm()
    files = tuple(form.files.data or ())
    try:
        wish = command_id(actor, form.command_id.data)
        desk.answer(house(), actor, case_no, form.text.data or "", files, wish)
    except (BadInput, Refused) as fault:
        return _again(case_no, Forms(answer=form), fault)
    flash(gettext("回应已记录，等专员决定。"), "success")
    return redirect(url_for(".page", case_no=case_no), 303)


@bp.post("/ops/officer/<case_no>/return/carrier")
@allow(Role.OPERATOR)
def ask(case_no: str) -> ResponseReturnValue:
    actor, form = current_actor(), AskForm()
    try:
        wish = command_id(actor, form.command_id.data)
        desk.ask(house(), actor, case_no, form.question.data or "", wish)
    except (BadInput, Refused) as fault:
        return _again(case_no, Forms(ask=form), fault)
    flash(gettext("已记录，收到快递公司的说明后再决定。"), "success")
    return redirect(url_for(".page", case_no=case_no), 303)


@bp.post("/ops/officer/<case_no>/return")
@allow(Role.OPERATOR)
def judge(case_no: str) -> ResponseReturnValue:
    actor = current_actor()
    form = judge_form(desk.seen_return(house(), actor, case_no).case)
    try:
        wish = command_id(actor, form.command_id.data)
        desk.judge(house(), actor, case_no, form.as_word(), wish)
    except (BadInput, Refused) as fault:
        return _again(case_no, Forms(judge=form), fault)
    flash(gettext("决定已记录，双方会收到消息。"), "success")
    return redirect(url_for(".page", case_no=case_no), 303)


def _again(case_no: str, forms: Forms, fault: PortalError) -> Response:
    """The page as it is now, with what was written and why it was not taken."""
    assert forms.sent is not None, "a fault without a form"
    show_fault(forms.sent, fault, {"text": "question"} if forms.ask else {})
    seen = desk.seen_return(house(), current_actor(), case_no)
    return make_response(draw(seen, forms), fault.status)
