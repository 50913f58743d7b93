"""The buyer's pages: own cases, a claim in three steps, an offer, a parcel back."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.access import Actor, Role, allow, current_actor
from portal.cases.access import visible_case
from portal.cases.views import render_buyer
from portal.claims import desk, followup, sending
from portal.claims.checklist import helpful
from portal.claims.forms import OFTEN, SELDOM, OfferForm, ReturnForm, SendForm, StoryForm
from portal.claims.mine import my_list
from portal.claims.queries import own_order, own_orders
from portal.claims.steps import (
    Draft,
    before,
    check_story,
    draft_files,
    keep_files,
    keep_story,
    open_draft,
    problem_form,
    problem_of,
    story_form,
)
from portal.database import db
from portal.errors import BadInput
from portal.evidence.views import chosen_files
from portal.filestream import answer_file
from portal.forms import done, show_fault
from portal.house import house
from portal.returns import desk as returns

bp = APIBlueprint("claims", __name__, enable_openapi=False)


@bp.get("/me")
@allow(Role.BUYER)
def mine() -> str:
    found = my_list(db.session, current_actor(), before())
    return render_template("claims/mine.html", list=found, now=house().clock.now())


@bp.get("/claims/new")
@allow(Role.BUYER)
def start() -> str:
    orders = own_orders(db.session, current_actor(), before())
    return render_template("claims/start.html", orders=orders)


@bp.route("/claims/new/<platform>/<order_id>", methods=["GET", "POST"])
@allow(Role.BUYER)
def step1(platform: str, order_id: str) -> ResponseReturnValue:
    actor = current_actor()
    order = own_order(db.session, actor, platform, order_id)
    form = problem_form(order, desk.unsent_of(house(), actor, order))
    if form.validate_on_submit():
        draft = desk.start(house(), actor, platform, order_id, problem_of(form))
        return redirect(url_for("claims.step2", draft_id=draft.id), 303)
    page = render_template("claims/step1.html", form=form, order=order)
    return page, 422 if form.errors else 200


@bp.route("/claims/draft/<draft_id>/evidence", methods=["GET", "POST"])
@allow(Role.BUYER)
def step2(draft_id: str) -> ResponseReturnValue:
    actor = current_actor()
    draft = open_draft(house(), actor, draft_id)
    if draft.is_sent:
        return _to_sent(draft)
    form = story_form(draft)
    if request.method == "POST":
        keep_story(house(), actor, draft_id, form)
        keep_files(house(), actor, draft_id, form, chosen_files())
        if request.form.get("then") != "stay":
            check_story(house(), actor, draft_id, form)
        if not form.errors:
            return redirect(_after_story(draft_id), 303)
        draft = open_draft(house(), actor, draft_id)
    return _story_page(form, draft)


def _story_page(form: StoryForm, draft: Draft) -> ResponseReturnValue:
    page = render_template(
        "claims/step2.html",
        form=form,
        draft=draft,
        helpful=helpful(draft.reason_code),
        often=OFTEN,
        seldom=SELDOM,
    )
    return page, 422 if form.errors else 200


def _after_story(draft_id: str) -> str:
    stay = request.form.get("then") == "stay"
    return url_for("claims.step2" if stay else "claims.step3", draft_id=draft_id)


@bp.post("/claims/draft/<draft_id>/files")
@allow(Role.BUYER)
def add_file(draft_id: str) -> ResponseReturnValue:
    """One file from js/upload.js, the moment it was chosen."""
    actor = current_actor()
    files = chosen_files()
    if not files:
        raise BadInput("files", gettext("请选至少一个文件"))
    upload = desk.attach(house(), actor, draft_id, files[0])
    shown = draft_files(desk.find_draft(house(), actor, draft_id), (upload,))[0]
    return jsonify(
        name=shown.name,
        sha256=shown.sha256,
        picture_url=shown.picture_url,
        remove_url=shown.remove_url,
    ), 201


@bp.get("/claims/draft/<draft_id>/files/<upload_id>/picture")
@allow(Role.BUYER)
def file_picture(draft_id: str, upload_id: str) -> Response:
    ref = desk.picture_of(house(), current_actor(), draft_id, upload_id)
    return answer_file(house().files, ref, "picture.webp")


@bp.post("/claims/draft/<draft_id>/files/<upload_id>/remove")
@allow(Role.BUYER)
def remove_file(draft_id: str, upload_id: str) -> ResponseReturnValue:
    """The button stands inside the page's form, so what was typed comes along and is kept."""
    actor = current_actor()
    if "text" in request.form:
        keep_story(house(), actor, draft_id, story_form(open_draft(house(), actor, draft_id)))
    desk.remove(house(), actor, draft_id, upload_id)
    return redirect(url_for("claims.step2", draft_id=draft_id, _anchor="files-label"), 303)


@bp.route("/claims/draft/<draft_id>/check", methods=["GET", "POST"])
@allow(Role.BUYER)
def step3(draft_id: str) -> ResponseReturnValue:
    actor = current_actor()
    draft = open_draft(house(), actor, draft_id)
    form = SendForm()
    if draft.is_sent:
        return _to_sent(draft)
    if form.validate_on_submit():
        return redirect(_after_sending(actor, draft_id), 303)
    return render_template("claims/step3.html", form=form, draft=draft)


def _after_sending(actor: Actor, draft_id: str) -> str:
    """The sent page; what the rules still miss sends the buyer back to where it is written."""
    try:
        sending.send(house(), actor, draft_id)
    except BadInput as error:
        flash(gettext(error.message, **error.params), "error")
        return url_for("claims.step2", draft_id=draft_id)
    return url_for("claims.sent", draft_id=draft_id)


def _to_sent(draft: Draft) -> ResponseReturnValue:
    flash(gettext("这份投诉已经提交，案号 %(number)s。", number=draft.case_no), "info")
    return redirect(url_for("claims.sent", draft_id=draft.id), 303)


@bp.get("/claims/draft/<draft_id>/sent")
@allow(Role.BUYER)
def sent(draft_id: str) -> ResponseReturnValue:
    actor = current_actor()
    found = sending.find_sent(house(), actor, draft_id)
    if found is None:
        return redirect(url_for("claims.step3", draft_id=draft_id), 303)
    case = visible_case(db.session, actor, found.case_no)
    return render_template("claims/sent.html", case=case, receipt=found.receipt)


@bp.post("/cases/<case_no>/offer")
@allow(Role.BUYER)
def decide(case_no: str) -> ResponseReturnValue:
    actor, form = current_actor(), OfferForm()
    if not form.validate():
        return render_buyer(case_no, form), 422
    accept = request.form.get("decision") == "accept"
    followup.decide(house(), actor, case_no, accept, form.text.data or "", form.key_of(actor))
    said = gettext("已接受方案。") if accept else gettext("已转入评审，你的诉求不变。")
    return done(said, "cases.page", case_no=case_no)


@bp.post("/cases/<case_no>/return")
@allow(Role.BUYER)
def ship(case_no: str) -> ResponseReturnValue:
    actor, form = current_actor(), ReturnForm()
    try:
        returns.ship(house(), actor, case_no, form.as_parcel(), form.key_of(actor))
    except BadInput as error:
        form.validate()
        show_fault(form, error)
        return render_buyer(case_no, form), 422
    return done(gettext("已记录。商家验收后就退款。"), "cases.page", case_no=case_no)
