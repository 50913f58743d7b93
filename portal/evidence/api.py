"""The API for files: into a draft, and into a case that still takes exhibits."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import request
from pydantic import BaseModel
from werkzeug.datastructures import FileStorage

from portal.access import Role, allow, current_actor
from portal.claims import desk as claims
from portal.errors import BadInput
from portal.errors import sentence as _
from portal.evidence import desk
from portal.house import house
from portal.receipts import ReceiptOut, receipt_out

bp = APIBlueprint("evidence_api", __name__, url_prefix="/api/v1", tag="evidence")


class UploadOut(BaseModel):
    upload_id: str
    name: str
    sha256: str
    size: int
    media_type: str
    kind: str


class ExhibitOut(BaseModel):
    number: str
    sha256: str
    receipt: ReceiptOut


@bp.post("/claims/<draft_id>/evidence")
@allow(Role.BUYER)
@bp.doc(summary="Add a file to a draft")
@bp.output(UploadOut, status_code=201)
def attach(draft_id: str) -> UploadOut:
    """Parts: file, and optionally kind and note. The same file again is the same upload."""
    form = request.form
    upload = claims.attach(
        house(), current_actor(), draft_id, _file(), form.get("kind"), form.get("note", "")
    )
    return UploadOut(
        upload_id=upload.id,
        name=upload.name,
        sha256=upload.sha256,
        size=upload.size,
        media_type=upload.media_type,
        kind=upload.kind,
    )


@bp.post("/cases/<case_no>/evidence")
@allow(Role.BUYER, Role.MERCHANT, Role.PLATFORM)
@bp.doc(summary="Add an exhibit to a case")
@bp.output(ExhibitOut, status_code=201)
def add(case_no: str) -> ExhibitOut:
    """Parts: file, and optionally kind and note. Recorded at once; refused once a panel sits."""
    form = request.form
    added = desk.add(
        house(), current_actor(), case_no, _file(), form.get("kind"), form.get("note", "")
    )
    receipt = receipt_out(added.receipt)
    return ExhibitOut(number=added.number, sha256=added.sha256, receipt=receipt)


def _file() -> FileStorage:
    file = request.files.get("file")
    if file is None:
        raise BadInput("file", _("请选至少一个文件"))
    return file
