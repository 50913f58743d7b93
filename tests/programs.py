"""A program with a token, as /api/v1 knows it.

buyer = program(app, Role.BUYER, buyer_ref=…, platform=…)
buyer.get("/orders").json
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.access import Role
from portal.accounts.provision import create_account, issue_token
from portal.database import db
from tests.builders import house_of


@dataclass(frozen=True)
class Program:
    client: FlaskClient
    token: str

    def get(self, path: str, **options: Any) -> TestResponse:
        return self._ask("GET", path, **options)

    def post(self, path: str, **options: Any) -> TestResponse:
        return self._ask("POST", path, **options)

    def patch(self, path: str, **options: Any) -> TestResponse:
        return self._ask("PATCH", path, **options)

    def _ask(self, method: str, path: str, **options: Any) -> TestResponse:
        bearer = {"Authorization": f"Bearer {self.token}"}
        return self.client.open(f"/api/v1{path}", method=method, headers=bearer, **options)


def program(app: APIFlask, role: Role, **references: str | None) -> Program:
    """A new account with this role and these references, and a token of it."""
    with app.app_context():
        name = f"{role}-{next(filter(None, references.values()), 'office')}".lower()
        account = create_account(
            db.session,
            email=f"{name}@example.com",
            password=None,
            name=name,
            roles=[role],
            **references,
        )
        at = house_of(app).clock.now()
        token = issue_token(db.session, account, label="test", at=at)
        db.session.commit()
    return Program(app.test_client(), token)
