"""A party's pages after a ruling: accept it, appeal against it, answer an appeal."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.access import Role, allow, current_actor
from portal.appeals import desk
from portal.appeals.forms import AcceptForm, AnswerForm, AppealForm
from portal.appeals.grounds import HINTS
from portal.appeals.pages import page_of
from portal.appeals.rules import check_answer, check_standing
from portal.errors import BadInput, Refused
from portal.evidence import desk as evidence
from portal.evidence.views import chosen_files
from portal.forms import show_fault
from portal.house import house
from portal.idempotency import command_id

bp = APIBlueprint("appeals", __name__, enable_openapi=False)


@bp.get("/cases/<case_no>/ruling/accept")
@allow(Role.BUYER, Role.MERCHANT)
def accept_page(case_no: str) -> ResponseReturnValue:
    """What acceptance means, before it is done."""
    own = desk.own_case(house(), current_actor(), case_no)
    check_standing(own.case, own.side, house().clock.now())
    return render_template("appeals/accept.html", page=page_of(own), form=AcceptForm())


@bp.post("/cases/<case_no>/ruling/accept")
@allow(Role.BUYER, Role.MERCHANT)
def accept(case_no: str) -> ResponseReturnValue:
    actor = current_actor()
    desk.accept(house(), actor, case_no, command_id(actor, AcceptForm().command_id.data))
    flash(gettext("已接受结论，并已记录。"), "success")
    return redirect(url_for("rulings.page", case_no=case_no), 303)


@bp.get("/cases/<case_no>/appeal")
@allow(Role.BUYER, Role.MERCHANT)
def appeal_page(case_no: str) -> ResponseReturnValue:
    own = desk.own_case(house(), current_actor(), case_no)
    check_standing(own.case, own.side, house().clock.now())
    return _appeal_page(own, AppealForm())


@bp.post("/cases/<case_no>/appeal")
@allow(Role.BUYER, Role.MERCHANT)
def appeal(case_no: str) -> ResponseReturnValue:
    actor, form = current_actor(), AppealForm()
    ground, text = form.ground.data or "", form.text.data or ""
    try:
        _seal_files(case_no)
        wish = command_id(actor, form.command_id.data)
        desk.appeal(house(), actor, case_no, ground, text, wish)
    except (BadInput, Refused) as fault:
        show_fault(form, fault)
        page = _appeal_page(desk.own_case(house(), actor, case_no), form)
        return make_response(page, fault.status)
    flash(gettext("已申请复核。对方有 48 小时回应，随后抽选 15 位新的评审员。"), "success")
    return redirect(url_for("cases.page", case_no=case_no), 303)


def _appeal_page(own: desk.OwnCase, form: AppealForm) -> str:
    return render_template("appeals/appeal.html", page=page_of(own), form=form, hints=HINTS)


@bp.get("/cases/<case_no>/appeal/answer")
@allow(Role.BUYER, Role.MERCHANT)
def answer_page(case_no: str) -> ResponseReturnValue:
    own = desk.own_case(house(), current_actor(), case_no)
    check_answer(own.case, own.side, house().clock.now())
    return _answer_page(own, AnswerForm())


@bp.post("/cases/<case_no>/appeal/answer")
@allow(Role.BUYER, Role.MERCHANT)
def answer(case_no: str) -> ResponseReturnValue:
    actor, form = current_actor(), AnswerForm()
    try:
        _seal_files(case_no)
        wish = command_id(actor, form.command_id.data)
        desk.answer(house(), actor, case_no, form.text.data or "", wish)
    except (BadInput, Refused) as fault:
        show_fault(form, fault)
        page = _answer_page(desk.own_case(house(), actor, case_no), form)
        return make_response(page, fault.status)
    flash(gettext("回应已记录，正在抽选新的评审员。"), "success")
    return redirect(url_for("cases.page", case_no=case_no), 303)


def _answer_page(own: desk.OwnCase, form: AnswerForm) -> str:
    return render_template("appeals/answer.html", page=page_of(own), form=form)


def _seal_files(case_no: str) -> None:
    """Files of the form itself, for those without JavaScript: recorded first, as exhibits."""
    for file in chosen_files():
        evidence.add(house(), current_actor(), case_no, file)
