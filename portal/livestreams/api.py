"""POST /api/v1/livestreams: a platform hands over a session with its replay."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from apiflask import APIBlueprint
from flask import request
from pydantic import BaseModel
from werkzeug.datastructures import FileStorage

from portal.access import Role, allow, current_actor
from portal.errors import BadInput
from portal.errors import sentence as _
from portal.house import house
from portal.livestreams.desk import TRANSCRIPT_BYTES, HandedOver, take_livestream
from portal.receipts import ReceiptOut, receipt_out

bp = APIBlueprint("livestreams_api", __name__, url_prefix="/api/v1", tag="livestreams")


class LivestreamTaken(BaseModel):
    platform: str
    session_id: str
    receipt: ReceiptOut


@bp.post("/livestreams")
@allow(Role.PLATFORM)
@bp.output(LivestreamTaken, status_code=201)
def take() -> LivestreamTaken:
    """Record a session, sent as multipart/form-data.

    Parts: `session` (livestream/1), `replay` (mp4), and if there are any `transcript`
    (transcript/1) and `chat` (CSV with the header time,offset_ms,user,role,text).
    """
    with _handed_over() as given:
        taken = take_livestream(house(), current_actor(), given)
    return LivestreamTaken(
        platform=taken.platform, session_id=taken.session_id, receipt=receipt_out(taken.receipt)
    )


@contextmanager
def _handed_over() -> Iterator[HandedOver]:
    """The request's parts; the replay as a file of its own, because decoders read paths."""
    session = _part("session")
    film = request.files.get("replay")
    if session is None or film is None:
        raise BadInput("replay" if session else "session", _("缺少这一部分"))
    with tempfile.TemporaryDirectory(dir=house().config.folder / "scratch") as folder:
        replay = Path(folder, "replay")
        with replay.open("wb") as target:
            shutil.copyfileobj(film.stream, target, 1 << 20)
        film.close()
        yield HandedOver(session, replay, _part("transcript"), _part("chat"))


def _part(name: str) -> bytes | None:
    """A document of the request, sent as a file or as a field; None when it is not there."""
    file: FileStorage | None = request.files.get(name)
    if file is not None:
        return file.stream.read(TRANSCRIPT_BYTES * 4 + 1)
    return request.form[name].encode() if name in request.form else None
