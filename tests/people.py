"""People in tests: an account of each role, and signing in as a person would, through the form."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient

from portal.access import Role
from portal.accounts.provision import create_account
from portal.config import Hashing
from portal.database import db

PASSWORD = "correct horse"
PLATFORM = "hailiao-live"
FAST_HASHING = Hashing(rounds=1, memory_kib=32, lanes=1)  # insecure, but fast

# The token that a page put into its form, or the empty text.
_FORM_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def enroll(app: Flask, email: str, *roles: Role, **references: str | None) -> int:
    """A new account with PASSWORD; returns its id. A merchant's sells where the test cases are."""
    if Role.MERCHANT in roles:
        references.setdefault("platform", PLATFORM)
    with app.app_context():
        account = create_account(
            db.session, email=email, password=PASSWORD, name=email, roles=roles, **references
        )
        db.session.commit()
        return account.id


def form_token(client: FlaskClient, path: str = "/login") -> str:
    found = _FORM_TOKEN.search(client.get(path).text)
    return found.group(1) if found else ""


def sign_in(app: Flask, email: str, password: str = PASSWORD) -> FlaskClient:
    """A client that has sent the login form; the caller sees whether it got in."""
    client = app.test_client()
    client.post(
        "/login",
        data={"email": email, "password": password, "csrf_token": form_token(client)},
    )
    return client
