"""A small application with accounts and two doors, apart from the portal's pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from apiflask import APIFlask
from flask_babel import Babel
from jinja2 import DictLoader

from portal.access import Role, allow, current_actor, public
from portal.accounts.signin import install_accounts
from portal.config import Config
from portal.database import db, open_database
from portal.errors import PortalError
from tests.people import FAST_HASHING

FORM = "{{ login_user_form.csrf_token }}{{ login_user_form.next }}{{ login_user_form.errors }}"
CHANGE = "{{ change_password_form.csrf_token }}{{ change_password_form.errors }}"


@pytest.fixture
def app(tmp_path: Path) -> APIFlask:
    app = APIFlask("doors", json_errors=False)
    config = Config.for_folder(tmp_path, hashing=FAST_HASHING)
    pages = {"security/login_user.html": FORM, "security/change_password.html": CHANGE}
    Babel(app, default_locale="zh_Hans_CN")
    app.jinja_loader = DictLoader(pages)
    open_database(app, config)
    install_accounts(app, config)
    app.register_error_handler(PortalError, lambda error: (error.message, error.status))
    add_doors(app)
    with app.app_context():
        db.create_all()
    return app


def add_doors(app: APIFlask) -> None:
    @app.route("/claims", methods=["GET", "POST"], endpoint="claims.mine")
    @allow(Role.BUYER)
    def mine() -> str:
        return current_actor().buyer_ref or ""

    @app.route("/api/v1/orders", methods=["GET", "POST"])
    @allow(Role.PLATFORM)
    def orders() -> str:
        return current_actor().platform or ""

    @app.get("/open")
    @public
    def opened() -> str:
        return current_actor().name or "nobody"

    @app.get("/forgotten")
    def forgotten() -> str:
        raise AssertionError("a view that declares no access was reached")
