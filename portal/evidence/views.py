"""Adding files to a running case, from a form or one by one by js/upload.js."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage

from portal.access import Role, allow, current_actor
from portal.cases.queries import seen_case
from portal.database import db
from portal.errors import PortalError
from portal.evidence import desk
from portal.house import house
from portal.problems import wants_json

bp = APIBlueprint("evidence", __name__, enable_openapi=False)


@bp.get("/cases/<case_no>/evidence")
@allow(Role.BUYER, Role.MERCHANT)
def form(case_no: str) -> ResponseReturnValue:
    """Where a party adds what it forgot."""
    seen = seen_case(db.session, current_actor(), case_no)
    desk.receiver(house(), current_actor(), case_no)
    return render_template("cases/evidence.html", seen=seen, form=FlaskForm(), problems=())


@bp.post("/cases/<case_no>/evidence")
@allow(Role.BUYER, Role.MERCHANT)
def add(case_no: str) -> ResponseReturnValue:
    files = chosen_files()
    if wants_json() and files:
        added = desk.add(house(), current_actor(), case_no, files[0])
        return jsonify(name=files[0].filename, sha256=added.sha256)
    problems = [each for each in (_add(case_no, file) for file in files) if each]
    if not problems and files:
        flash(ngettext("已记录 %(num)d 件凭证", "已记录 %(num)d 件凭证", len(files)), "success")
        return redirect(url_for("cases.page", case_no=case_no), 303)
    seen = seen_case(db.session, current_actor(), case_no)
    missing = problems or [gettext("请选至少一个文件")]
    page = render_template("cases/evidence.html", seen=seen, form=FlaskForm(), problems=missing)
    return page, 422


def chosen_files() -> list[FileStorage]:
    """What the form brought; an empty file input brings a part without a name."""
    return [file for file in request.files.getlist("files") if file.filename]


def _add(case_no: str, file: FileStorage) -> str:
    """The sentence of what was wrong with one file, or nothing: the others are kept."""
    try:
        desk.add(house(), current_actor(), case_no, file)
    except PortalError as error:
        return gettext(error.message, **error.params)
    return ""
