"""Files that a shop adds to its answer before it is sent, as the page's form brings them."""

from __future__ import annotations

from flask import Response, jsonify, request, url_for
from werkzeug.datastructures import FileStorage

from portal.access import Actor
from portal.errors import BadInput
from portal.errors import sentence as _
from portal.evidence.desk import add, receiver
from portal.evidence.intake import take
from portal.evidence.tables import Upload
from portal.formats import exhibit_label
from portal.house import House
from portal.responses.desk import case_of_shop

FIELD = "files"


def take_posted(house: House, actor: Actor, case_no: str) -> tuple[str, ...]:
    """Keep the files of the form's own POST; the ids of all files that the form stands for."""
    given = _given()
    earlier = tuple(request.form.getlist("uploaded"))
    if not given:
        return earlier
    to = receiver(house, actor, case_no)
    return (*earlier, *(take(house, storage, to).id for storage in given))


def add_posted(house: House, actor: Actor, case_no: str) -> list[str]:
    """Seal the posted files as exhibits at once; their numbers as people read them."""
    given = _given()
    if not given:
        raise BadInput(FIELD, _("请选至少一个文件"))
    case_of_shop(house, actor, case_no)
    return [exhibit_label(add(house, actor, case_no, storage).number) for storage in given]


def take_one(house: House, actor: Actor, case_no: str) -> Upload:
    """The one file of a script's POST. Raises BadInput, Refused."""
    given = _given()
    if not given:
        raise BadInput(FIELD, _("请选至少一个文件"))
    return take(house, given[0], receiver(house, actor, case_no))


def _given() -> list[FileStorage]:
    """An empty file input still sends a part without a name."""
    return [storage for storage in request.files.getlist(FIELD) if storage.filename]


def described(case_no: str, upload: Upload) -> Response:
    """What js/upload.js shows of a received file."""
    place = {"case_no": case_no, "upload_id": upload.id}
    return jsonify(
        id=upload.id,
        name=upload.name,
        sha256=upload.sha256,
        picture_url=url_for("responses.file_picture", **place),
        remove_url=url_for("responses.remove_file", **place),
    )
