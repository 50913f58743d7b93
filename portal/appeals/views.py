"""A party's pages after a ruling: accept it, appeal against it, answer an appeal."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.access import Role, allow, current_actor
from portal.appeals import desk
from portal.appeals.forms import AcceptForm, AnswerForm, AppealForm
from portal.appeals.grounds import HINTS
from portal.appeals.pages import page_of
from portal.appeals.rules import check_answer, check_standing
from portal.cases.queries import SeenCase
from portal.evidence import desk as evidence
from portal.evidence.views import chosen_files
from portal.forms import done, faults_in
from portal.house import house

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
    desk.accept(house(), actor, case_no, AcceptForm().key_of(actor))
    return done(gettext("已接受结论，并已记录。"), "rulings.page", case_no=case_no)


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
    with faults_in(form, lambda: _appeal_page(desk.own_case(house(), actor, case_no), form)):
        _seal_files(case_no)
        desk.appeal(house(), actor, case_no, ground, text, form.key_of(actor))
    return done(
        gettext("已申请复核。对方有 48 小时回应，随后抽选 15 位新的评审员。"),
        "cases.page",
        case_no=case_no,
    )


def _appeal_page(own: SeenCase, form: AppealForm) -> str:
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
    with faults_in(form, lambda: _answer_page(desk.own_case(house(), actor, case_no), form)):
        _seal_files(case_no)
        desk.answer(house(), actor, case_no, form.text.data or "", form.key_of(actor))
    return done(gettext("回应已记录，正在抽选新的评审员。"), "cases.page", case_no=case_no)


def _answer_page(own: SeenCase, form: AnswerForm) -> str:
    return render_template("appeals/answer.html", page=page_of(own), form=form)


def _seal_files(case_no: str) -> None:
    """Files of the form itself, for those without JavaScript: recorded first, as exhibits."""
    for file in chosen_files():
        evidence.add(house(), current_actor(), case_no, file)
