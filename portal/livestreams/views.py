"""The replay of a session, for a buyer who is about to cite it."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response

from portal.access import Role, allow, current_actor
from portal.database import db
from portal.filestream import answer_file
from portal.house import house
from portal.livestreams.queries import replay_for_buyer

bp = APIBlueprint("livestreams", __name__, enable_openapi=False)


@bp.get("/livestreams/<platform>/<session_id>/replay")
@allow(Role.BUYER)
def replay(platform: str, session_id: str) -> Response:
    ref = replay_for_buyer(db.session, current_actor(), platform, session_id)
    return answer_file(house().files, ref, f"{session_id}.mp4")
