"""What every page of the portal has in common: headers, assets, language, filters."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Response, abort, g, redirect, request, url_for
from flask.json.provider import DefaultJSONProvider
from flask_babel import Babel, gettext

from portal import words
from portal.access import ANONYMOUS, Actor, current_actor, public
from portal.assets import serve_assets
from portal.formats import FILTERS, in_english
from portal.navigation import FOOT, MESSAGES, links_to, navigation, own_path
from portal.problems import answer_failures

if TYPE_CHECKING:
    from flask import Flask

    from portal.config import Config

LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}
LANGUAGE_COOKIE = "language"
ONE_YEAR = 31_536_000

HEADERS = {
    # Nothing inline and nothing foreign: a claim's text can then never become a script.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "media-src 'self' blob:; connect-src 'self'; worker-src 'self'; font-src 'self'; "
        "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}


def dress(app: Flask, config: Config) -> None:
    """Give an application the portal's headers, assets, filters, languages and navigation."""
    Babel(app, default_locale=LANGUAGES["zh"], locale_selector=choose_locale)
    serve_assets(app, Path(__file__).parent / "static")
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(
        rehearsal=config.rehearsal,
        words=words,
        simulated_money=config.payments is None or config.payments.simulated,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(describe_page)
    app.after_request(harden)
    answer_failures(app)
    app.json = BoundedJson(app)
    app.add_url_rule("/language/<code>", "language", switch_language)


class BoundedJson(DefaultJSONProvider):
    """A body nested deeper than Python recurses is malformed like any other. Answers are UTF-8, so
    that a person at a terminal can read them; half a surrogate pair has no UTF-8 and is escaped."""

    ensure_ascii = False

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        text = super().dumps(obj, **kwargs)
        try:
            text.encode()
        except UnicodeEncodeError:
            return super().dumps(obj, **kwargs | {"ensure_ascii": True})
        return text

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            return super().loads(s, **kwargs)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def choose_locale() -> str:
    """The reader's choice, else what the browser asks for, else Chinese."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    wanted = chosen if chosen in LANGUAGES else request.accept_languages.best_match(list(LANGUAGES))
    return LANGUAGES[wanted or "zh"]


@public
def switch_language(code: str) -> Response:
    """Remember the language and go back to where the reader was."""
    if code not in LANGUAGES:
        abort(404)
    answer = redirect(own_path(request.args.get("back", "/")))
    answer.set_cookie(
        LANGUAGE_COOKIE,
        code,
        max_age=ONE_YEAR,
        samesite="Lax",
        httponly=True,
        secure=request.is_secure,
    )
    return answer


def harden(response: Response) -> Response:
    """Set the security headers; pages are never kept, since phones are shared."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def describe_page() -> dict[str, object]:
    """The variables of base.html: actor, nav, language and the other language's link."""
    english, actor = in_english(), reader()
    here = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return {
        "actor": actor,
        "nav": navigation(actor),
        "menu": () if actor.is_anonymous else links_to(MESSAGES),
        "foot": links_to(FOOT),
        "language": "en" if english else "zh",
        "other_language_href": url_for("language", code="zh" if english else "en", back=here),
        "error_prefix": gettext("出错："),
    }


def reader() -> Actor:
    """Who the page is drawn for; nobody in particular when asking could fail again."""
    return ANONYMOUS if g.get("without_actor") else current_actor()
