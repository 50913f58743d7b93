"""The page of a return: the merchant objects, the buyer answers, an officer decides."""

from __future__ import annotations

from contextlib import AbstractContextManager

from apiflask import APIBlueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.access import Role, allow, current_actor
from portal.errors import NotFound, sentence
from portal.forms import WishForm, done, faults_in
from portal.house import house
from portal.returns import desk
from portal.returns.forms import AnswerForm, AskForm, ContestForm, JudgeForm
from portal.returns.pages import draw

bp = APIBlueprint("returns", __name__, enable_openapi=False)


@bp.get("/cases/<case_no>/return")
@allow(Role.BUYER, Role.MERCHANT, Role.OPERATOR, Role.ASSOCIATION)
def page(case_no: str) -> ResponseReturnValue:
    seen = desk.seen_return(house(), current_actor(), case_no)
    if seen.case.shipped is None:
        raise NotFound(sentence("本案没有退货"))
    return draw(seen)


@bp.post("/cases/<case_no>/return/contest")
@allow(Role.MERCHANT)
def contest(case_no: str) -> ResponseReturnValue:
    actor, form = current_actor(), ContestForm()
    with _faults_in(form, case_no):
        desk.contest(house(), actor, case_no, form.as_objection(), form.key_of(actor))
    return done(gettext("异议已记录，退款先停下，等买家回应。"), ".page", case_no=case_no)


@bp.post("/cases/<case_no>/return/answer")
@allow(Role.BUYER)
def answer(case_no: str) -> ResponseReturnValue:
    actor, form = current_actor(), AnswerForm()
    text, files = form.text.data or "", tuple(form.files.data or ())
    with _faults_in(form, case_no):
        desk.answer(house(), actor, case_no, text, files, form.key_of(actor))
    return done(gettext("回应已记录，等专员决定。"), ".page", case_no=case_no)


@bp.post("/ops/officer/<case_no>/return/carrier")
@allow(Role.OPERATOR)
def ask(case_no: str) -> ResponseReturnValue:
    actor, form = current_actor(), AskForm()
    with _faults_in(form, case_no):
        desk.ask(house(), actor, case_no, form.question.data or "", form.key_of(actor))
    return done(gettext("已记录，收到快递公司的说明后再决定。"), ".page", case_no=case_no)


@bp.post("/ops/officer/<case_no>/return")
@allow(Role.OPERATOR)
def judge(case_no: str) -> ResponseReturnValue:
    actor, form = current_actor(), JudgeForm()
    with _faults_in(form, case_no):
        desk.judge(house(), actor, case_no, form.as_word(), form.key_of(actor))
    return done(gettext("决定已记录，双方会收到消息。"), ".page", case_no=case_no)


def _faults_in(form: WishForm, case_no: str) -> AbstractContextManager[None]:
    """They stand in the page as it is now."""
    names = {"text": "question"} if isinstance(form, AskForm) else {}
    return faults_in(
        form, lambda: draw(desk.seen_return(house(), current_actor(), case_no), form), names
    )
