"""The page at `/`: what was moved, what was asked, what goes wrong next. Works without scripts.

It has no password: it runs on this machine for the one who started it. Another site's pages are
kept out by the names in Host and Origin.
"""

from __future__ import annotations

import gettext
import sqlite3
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, redirect, request
from jinja2 import Environment, FileSystemLoader, Template

from portal.simulator.accounts import PROVIDERS
from portal.simulator.admin import MODES, move_fields, read_mode
from portal.simulator.bank import balance_of, set_balance
from portal.simulator.faults import SUBMIT, Fault, Kind, clear_faults, list_faults, set_fault
from portal.simulator.notices import Sender
from portal.simulator.outgoing import list_queued
from portal.simulator.settling import settle
from portal.simulator.store import text_of, write_switch
from portal.simulator.times import clock_text
from portal.simulator.wire import Desk
from portal.simulator.yuan import fen, yuan

SHOWN = 50
OURS = {"127.0.0.1", "localhost", "::1", "simulator.invalid"}
_LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}
_PORTAL = Path(__file__).resolve().parents[1]
_POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def refuse_strangers() -> None:
    """A page of another site, or a name that was made to point here, gets nothing."""
    host, origin = request.host, request.headers.get("Origin")
    if urlsplit(f"//{host}").hostname not in OURS:
        abort(403)
    if origin is not None and urlsplit(origin).netloc != host:
        abort(403)


@cache
def _page(language: str) -> Template:
    """The template with its texts in this language. Made at the first page that is asked for: most
    simulators live within a process and never show one."""
    environment = Environment(
        loader=FileSystemLoader(_PORTAL.parent / "templates"),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    catalogue = gettext.translation(
        "messages", _PORTAL / "translations", [_LANGUAGES[language]], fallback=True
    )
    environment.install_gettext_translations(catalogue, newstyle=True)
    environment.filters.update(yuan=yuan, clock=clock_text)
    return environment.get_template("simulator/page.html")


def page_blueprint(desk: Desk, sender: Sender) -> Blueprint:
    """The page, its style, and the forms on it."""
    blueprint = Blueprint("page", __name__)
    routes = (
        ("GET", "/", lambda: _show(desk)),
        ("GET", "/simulator.css", _style),
        ("POST", "/page/faults", lambda: _add_fault(desk)),
        ("POST", "/page/clear", lambda: _clear(desk)),
        ("POST", "/page/mode", lambda: _set_mode(desk)),
        ("POST", "/page/balance", lambda: _set_balance(desk)),
        ("POST", "/page/push", lambda: _push(sender)),
    )
    for method, path, view in routes:
        endpoint = f"{method} {path}".replace(".", " ")
        blueprint.add_url_rule(path, endpoint, view, methods=[method])
    return blueprint


def _show(desk: Desk) -> Response:
    now = desk.now()
    with desk.store.transaction() as connection:
        settle(connection, now)
        text = _page(_language()).render(_facts(connection, now))
    answer = Response(text, content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = _POLICY
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _facts(connection: sqlite3.Connection, now: datetime) -> dict[str, Any]:
    moves = connection.execute("SELECT * FROM move ORDER BY id DESC LIMIT ?", (SHOWN,))
    asked = connection.execute(
        "SELECT * FROM asked WHERE kind != 'OTHER' ORDER BY id DESC LIMIT ?", (SHOWN,)
    )
    return {
        "now": text_of(now),
        "language": _language(),
        "providers": PROVIDERS,
        "kinds": list(Kind),
        "mode": read_mode(connection),
        "faults": list_faults(connection),
        "balances": {name: balance_of(connection, name) for name in PROVIDERS},
        "moves": [move_fields(row) for row in moves],
        "asked": [dict(row) for row in asked],
        "queued": list_queued(connection)[:SHOWN],
    }


def _language() -> str:
    asked = request.args.get("lang", "")
    if asked in _LANGUAGES:
        return asked
    return request.accept_languages.best_match(list(_LANGUAGES)) or "zh"


@cache
def _sheets() -> bytes:
    folder = _PORTAL / "static" / "css"
    return b"\n".join(path.read_bytes() for path in sorted(folder.glob("*.css")))


def _style() -> Response:
    return Response(_sheets(), content_type="text/css; charset=utf-8")


def _add_fault(desk: Desk) -> Response:
    form = request.form
    provider, times = form.get("provider", ""), _whole("times", 1)
    if form.get("kind") not in set(Kind) or provider not in ("", *PROVIDERS):
        abort(400)
    seconds = float(_whole("seconds", 0)) if form.get("seconds") else None
    number = form.get("number", "").strip()[:64]
    fault = Fault(provider, Kind(form["kind"]), SUBMIT, number, seconds, times)
    with desk.store.transaction() as connection:
        set_fault(connection, fault)
    return _back()


def _clear(desk: Desk) -> Response:
    with desk.store.transaction() as connection:
        clear_faults(connection)
    return _back()


def _set_mode(desk: Desk) -> Response:
    with desk.store.transaction() as connection:
        for name, default in MODES.items():
            if isinstance(default, bool):
                write_switch(connection, name, name in request.form)
        write_switch(connection, "settles_after", _whole("settles_after", 0))
    return _back()


def _set_balance(desk: Desk) -> Response:
    provider, text = request.form.get("provider", ""), request.form.get("yuan", "").strip()
    try:
        has = fen(text) if text else None
    except ValueError:
        abort(400)
    if provider not in PROVIDERS:
        abort(400)
    with desk.store.transaction() as connection:
        set_balance(connection, provider, has)
        settle(connection, desk.now())
    return _back()


def _push(sender: Sender) -> Response:
    sender.push()
    return _back()


def _whole(name: str, default: int) -> int:
    text = request.form.get(name, "").strip()
    if text and not (text.isascii() and text.isdigit() and len(text) <= 8):
        abort(400)
    return int(text) if text else default


def _back() -> Response:
    language = request.args.get("lang", "")
    target = f"/?lang={language}" if language in _LANGUAGES else "/"
    return redirect(target, 303)
