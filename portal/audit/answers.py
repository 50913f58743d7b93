"""Sending an offline pack, for the page and the API."""

from __future__ import annotations

from io import BytesIO

from flask import Response, send_file

from portal.access import current_actor
from portal.audit import desk
from portal.database import db
from portal.house import house


def send_pack(case_no: str) -> Response:
    """The zip as a download. A case is a few hundred kilobytes: its files are not in it."""
    pack = BytesIO()
    desk.pack_case(db.session, house(), current_actor(), case_no, pack)
    pack.seek(0)
    name = f"mingan-{case_no}.zip"
    return send_file(pack, "application/zip", as_attachment=True, download_name=name, max_age=0)
