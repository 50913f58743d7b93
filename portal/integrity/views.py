"""Reporting, following a report, answering one, and the docket itself."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.access import EVERY_ROLE, Role, allow, current_actor, public
from portal.database import db
from portal.errors import BadInput, NotFound, Refused
from portal.forms import done, faults_in, show_fault
from portal.house import house
from portal.integrity import desk, queries, words
from portal.integrity.forms import AnswerForm, DecideForm, ReportForm
from portal.integrity.rules import ANSWER_TIME

bp = APIBlueprint("integrity", __name__, enable_openapi=False)
NAMES = {"about": "reviewer_id"}


@bp.get("/integrity/report")
@public
def report() -> str:
    form = ReportForm()
    form.case_no.data = request.args.get("case_no", "")[:40]
    return _report_page(form)


def _report_page(form: ReportForm) -> str:
    return render_template("integrity/report.html", form=form)


@bp.post("/integrity/report")
@public
def take() -> ResponseReturnValue:
    form, actor = ReportForm(), current_actor()
    if not form.validate():
        return _report_page(form), 422
    with faults_in(form, lambda: _report_page(form), NAMES):
        sent = form.as_report(request.remote_addr or "")
        number = desk.report(db.session, house(), actor, sent, form.key_of(actor))
    return done(gettext("举报已收到。请记下编号，凭它查看处理结果。"), ".follow", report_no=number)


@bp.get("/integrity/find")
@public
def find() -> ResponseReturnValue:
    number = request.args.get("number", "").strip().upper()[:40]
    return redirect(url_for(".follow", report_no=number or "-"), 303)


@bp.get("/integrity/<report_no>")
@public
def follow(report_no: str) -> str:
    row = queries.report_of(db.session, report_no)
    return render_template("integrity/follow.html", row=row, words_of=words)


@bp.get("/integrity/<report_no>/answer")
@allow(*EVERY_ROLE)
def about_me(report_no: str) -> str:
    return _answer_page(report_no, AnswerForm())


@bp.post("/integrity/<report_no>/answer")
@allow(*EVERY_ROLE)
def answer(report_no: str) -> ResponseReturnValue:
    form, actor = AnswerForm(), current_actor()
    with faults_in(form, lambda: _answer_page(report_no, form)):
        desk.answer(db.session, house(), actor, form.as_wish(report_no), form.key_of(actor))
    return done(gettext("你的说明已记录。"), ".about_me", report_no=report_no)


def _answer_page(report_no: str, form: AnswerForm) -> str:
    row = queries.report_about(db.session, current_actor(), report_no)
    until = row.reported_at + ANSWER_TIME
    return render_template("integrity/answer.html", row=row, form=form, words_of=words, until=until)


@bp.get("/ops/integrity")
@allow(Role.OPERATOR, Role.ASSOCIATION)
def docket() -> str:
    state, after = request.args.get("state", ""), request.args.get("after", "")
    return render_template(
        "integrity/docket.html",
        found=queries.docket(db.session, state, after),
        counts=queries.counts(db.session),
        state=state,
        after=after,
        words_of=words,
    )


@bp.get("/ops/integrity/<report_no>")
@allow(Role.OPERATOR, Role.ASSOCIATION)
def one(report_no: str) -> str:
    return _one_page(report_no, DecideForm())


@bp.post("/ops/integrity/<report_no>")
@allow(Role.OPERATOR)
def decide(report_no: str) -> ResponseReturnValue:
    form, actor = DecideForm(), current_actor()
    try:
        wish = form.as_wish(report_no)
        desk.check_reviewer(db.session, wish.action, report_no)
        desk.decide(db.session, house(), actor, wish, form.key_of(actor))
    except (BadInput, Refused, NotFound) as fault:
        show_fault(form, fault)
        return _one_page(report_no, form), fault.status
    return done(gettext("处理已记录。"), ".one", report_no=report_no)


def _one_page(report_no: str, form: DecideForm) -> str:
    row = queries.report_of(db.session, report_no)
    return render_template(
        "integrity/one.html",
        row=row,
        form=form,
        words_of=words,
        may_decide=current_actor().has(Role.OPERATOR),
        until=row.reported_at + ANSWER_TIME,
    )
