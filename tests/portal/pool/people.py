"""An operator, a reviewer, and an applicant with a browser; and the pool's rows and entries."""

from __future__ import annotations

from typing import Any

from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.access import Role
from portal.idempotency import new_command_id
from portal.pool.commands import EnrollReviewer
from tests.builders import house_of
from tests.people import enroll, form_token, sign_in


def an_operator(app: APIFlask) -> FlaskClient:
    enroll(app, "op@example.com", Role.OPERATOR)
    return sign_in(app, "op@example.com")


def a_reviewer(app: APIFlask, name: str = "r_1", **changes: Any) -> FlaskClient:
    """Enrolled in the pool, with an account and a browser."""
    wish = EnrollReviewer(name, **{"stratum": "EXPERT", **changes})
    house_of(app).recorder.record(wish, by="OPERATOR", command_id=f"enroll/{name}")
    email = f"{name.replace('_', '-')}@example.com"
    enroll(app, email, Role.REVIEWER, reviewer_id=name)
    return sign_in(app, email)


def send(client: FlaskClient, page: str, to: str | None = None, **fields: Any) -> TestResponse:
    data = {"csrf_token": form_token(client, page), "command_id": new_command_id(), **fields}
    return client.post(to or page, data=data)
