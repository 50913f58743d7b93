"""Sending an offline pack, for the page and the API."""

from __future__ import annotations

from io import BytesIO

from flask import Response, send_file

from portal.access import current_actor
from portal.audit import desk
from portal.cases.numbers import is_case_no
from portal.database import db
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.house import house


def send_pack(case_no: str) -> Response:
    """The zip as a download. A case is a few hundred kilobytes: its files are not in it."""
    pack = BytesIO()
    desk.pack_case(db.session, house(), current_actor(), case_no, pack)
    return _send(pack, case_no)


def send_pool() -> Response:
    """The zip with the register of reviewers, for `python -m reviewers recompute --pool`."""
    pack = BytesIO()
    desk.pack_pool(db.session, house(), pack)
    return _send(pack, "pool")


def send_absence(case_no: str) -> Response:
    """The zip that proves how many records stand under a number: none, if there is no such case."""
    if not is_case_no(case_no):
        raise NotFound(_("这不是一个案件编号"))
    pack = BytesIO()
    desk.pack_absence(house(), case_no, pack)
    return _send(pack, case_no)


def _send(pack: BytesIO, case_no: str) -> Response:
    pack.seek(0)
    name = f"mingan-{case_no}.zip"
    return send_file(pack, "application/zip", as_attachment=True, download_name=name, max_age=0)
