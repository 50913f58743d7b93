"""The merchant's pages: the queue, a case, the answer, files for it, the parcel received."""

from __future__ import annotations

from datetime import timedelta

from apiflask import APIBlueprint
from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.access import Role, allow, current_actor
from portal.database import db
from portal.forms import done, faults_in
from portal.house import house
from portal.obligations.queries import load as owed
from portal.responses import desk, files
from portal.responses.forms import AnswerForm, ConfirmForm, answer_form
from portal.responses.pages import case_page
from portal.responses.queries import TABS, load, tab_of
from portal.responses.queries import queue as queue_of

bp = APIBlueprint("responses", __name__, enable_openapi=False)

SOON = timedelta(hours=6)


@bp.get("/shop")
@allow(Role.MERCHANT)
def queue() -> str:
    now, actor = house().clock.now(), current_actor()
    found = queue_of(db.session, actor, tab_of(request.args.get("tab")), request.args.get("after"))
    return render_template(
        "responses/queue.html",
        queue=found,
        all_tabs=TABS,
        load=load(db.session, actor, now + SOON),
        owed=owed(db.session, actor),
        now=now,
        first_page=not request.args.get("after"),
    )


@bp.get("/shop/c/<case_no>")
@allow(Role.MERCHANT)
def case(case_no: str) -> ResponseReturnValue:
    shown = desk.case_of_shop(house(), current_actor(), case_no)
    return case_page(shown, answer_form(shown))


@bp.post("/shop/c/<case_no>")
@allow(Role.MERCHANT)
def answer(case_no: str) -> ResponseReturnValue:
    actor, form = current_actor(), AnswerForm()
    with faults_in(form, lambda: _case_page(case_no, form)):
        uploads = files.take_posted(house(), actor, case_no)
        desk.respond(house(), actor, case_no, form.as_answer(uploads), form.key_of(actor))
    return done(gettext("答复已记录。"), ".case", case_no=case_no)


def _case_page(case_no: str, form: AnswerForm) -> str:
    return case_page(desk.case_of_shop(house(), current_actor(), case_no), form)


@bp.post("/shop/c/<case_no>/evidence")
@allow(Role.MERCHANT)
def add_evidence(case_no: str) -> ResponseReturnValue:
    """Exhibits after the answer, while the buyer still decides; recorded at once."""
    for number in files.add_posted(house(), current_actor(), case_no):
        flash(gettext("凭证 %(number)s 已写入存证。", number=number), "success")
    return redirect(url_for(".case", case_no=case_no), 303)


@bp.post("/shop/c/<case_no>/return")
@allow(Role.MERCHANT)
def confirm_return(case_no: str) -> ResponseReturnValue:
    actor = current_actor()
    desk.confirm_return(house(), actor, case_no, ConfirmForm().key_of(actor))
    return done(gettext("已确认收到退货，正在退款。"), ".case", case_no=case_no)


@bp.post("/shop/c/<case_no>/files")
@allow(Role.MERCHANT)
def add_file(case_no: str) -> ResponseReturnValue:
    """One file at a time, as js/upload.js sends them."""
    upload = files.take_one(house(), current_actor(), case_no)
    return files.described(case_no, upload)


@bp.post("/shop/c/<case_no>/files/<upload_id>/remove")
@allow(Role.MERCHANT)
def remove_file(case_no: str, upload_id: str) -> ResponseReturnValue:
    """The button is part of the answer's form, so what was written comes along and stays."""
    desk.remove_file(house(), current_actor(), case_no, upload_id)
    return _case_page(case_no, AnswerForm())


@bp.get("/shop/c/<case_no>/files/<upload_id>/picture")
@allow(Role.MERCHANT)
def file_picture(case_no: str, upload_id: str) -> ResponseReturnValue:
    picture = desk.picture_of(house(), current_actor(), case_no, upload_id)
    return Response(picture, mimetype="image/webp", headers={"Cache-Control": "private, no-store"})
