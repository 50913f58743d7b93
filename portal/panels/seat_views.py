"""A reviewer's pages about a seat: the invitation, and leaving it later."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.access import Role, allow, current_actor
from portal.database import db
from portal.forms import WishForm, done, drawn, faults_in
from portal.house import house
from portal.panels import invitations
from portal.panels.desk import held_seat
from portal.panels.seat_forms import AcceptForm, LeaveForm

bp = APIBlueprint("seats", __name__, enable_openapi=False)


@bp.get("/r/<case_no>/invitation")
@allow(Role.REVIEWER)
def invitation(case_no: str) -> str:
    return _invitation_page(case_no)


@bp.post("/r/<case_no>/invitation/accept")
@allow(Role.REVIEWER)
def accept(case_no: str) -> ResponseReturnValue:
    form, actor = AcceptForm(), current_actor()
    with faults_in(form, lambda: _invitation_page(case_no, form)):
        wish = form.as_wish(case_no, actor.reviewer_id or "")
        invitations.answer(house(), actor, wish, form.key_of(actor))
    return redirect(url_for("panels.case", case_no=case_no), 303)


@bp.post("/r/<case_no>/invitation/decline")
@allow(Role.REVIEWER)
def decline(case_no: str) -> ResponseReturnValue:
    form, actor = LeaveForm(), current_actor()
    with faults_in(form, lambda: _invitation_page(case_no, form)):
        wish = form.as_answer(case_no, actor.reviewer_id or "")
        invitations.answer(house(), actor, wish, form.key_of(actor))
    return done(gettext("已谢绝，席位由候补接替。谢绝不影响以后抽选。"), "panels.mine")


@bp.get("/r/<case_no>/recusal")
@allow(Role.REVIEWER)
def recusal(case_no: str) -> str:
    return _recusal_page(case_no, LeaveForm())


@bp.post("/r/<case_no>/recusal")
@allow(Role.REVIEWER)
def recuse(case_no: str) -> ResponseReturnValue:
    form, actor = LeaveForm(), current_actor()
    with faults_in(form, lambda: _recusal_page(case_no, form)):
        wish = form.as_recusal(case_no, actor.reviewer_id or "")
        invitations.recuse(house(), actor, wish, form.key_of(actor))
    return done(gettext("你已退出 %(no)s 的评审，席位由候补接替。", no=case_no), "panels.mine")


def _invitation_page(case_no: str, sent: WishForm | None = None) -> str:
    actor = current_actor()
    return render_template(
        "panels/invitation.html",
        invited=invitations.invitation(db.session, actor, case_no),
        load=invitations.load_of(db.session, actor),
        form=sent,
        accepting=drawn(AcceptForm, sent),
        leaving=drawn(LeaveForm, sent),
        now=house().clock.now(),
    )


def _recusal_page(case_no: str, form: LeaveForm) -> str:
    held = held_seat(house(), current_actor(), case_no)
    return render_template(
        "panels/recusal.html",
        case=held.case,
        voted=held.case.has_voted(held.seat.number),
        form=form,
    )
