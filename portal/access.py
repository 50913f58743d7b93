"""Who is asking, and who may. One declaration per route, enforced before the view is reached.

    @bp.get("/claims")
    @allow(Role.BUYER)          or    @public
    def mine() -> str: …

`guard(app, find_token)` refuses every request whose view declares nothing, so a forgotten
declaration is a closed door. Pages know people by their session cookie and check a CSRF token on
every write. /api knows programs by `Authorization: Bearer …` only: it never looks at a cookie, so
another site can make a browser send nothing that counts, and no CSRF token is needed there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from flask import Flask, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from flask_wtf import CSRFProtect
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from portal.errors import NotAllowed, sentence

API_PREFIX = "/api/"

View = TypeVar("View", bound=Callable[..., Any])


class Role(StrEnum):
    BUYER = "BUYER"
    MERCHANT = "MERCHANT"
    REVIEWER = "REVIEWER"
    ASSOCIATION = "ASSOCIATION"
    OPERATOR = "OPERATOR"
    PLATFORM = "PLATFORM"


@dataclass(frozen=True)
class Actor:
    """The person or program behind a request, as rules and queries see it."""

    account_id: int | None = None
    roles: frozenset[Role] = frozenset()
    name: str = ""
    buyer_ref: str | None = None
    platform: str | None = None
    shop_id: str | None = None
    merchant_id: str | None = None
    reviewer_id: str | None = None

    @property
    def is_anonymous(self) -> bool:
        return self.account_id is None

    def has(self, *roles: Role) -> bool:
        """True when the actor plays at least one of the roles."""
        return not self.roles.isdisjoint(roles)

    def sells_at(self, platform: str, shop_id: str) -> bool:
        """Two platforms may number their shops alike: a shop is both."""
        mine = self.platform == platform and self.shop_id == shop_id
        return self.has(Role.MERCHANT) and bool(shop_id) and mine


ANONYMOUS = Actor()
EVERY_ROLE = frozenset(Role)


@dataclass(frozen=True)
class Access:
    """What a route declares: everybody, or the roles that may pass."""

    roles: frozenset[Role] = frozenset()

    @property
    def is_public(self) -> bool:
        return not self.roles


PUBLIC = Access()


class TokenFinder(Protocol):
    def __call__(self, token: str) -> Actor | None: ...


def allow(*roles: Role) -> Callable[[View], View]:
    """Let only people with one of these roles reach the view."""
    if not roles:
        raise TypeError("allow() needs a role; use @public for everybody")
    return lambda view: declare(view, Access(frozenset(roles)))


def public(view: View) -> View:
    """Let everybody reach the view."""
    return declare(view, PUBLIC)


def signed(view: View) -> View:
    """No form comes here: the sender proves each message by its signature, and no cookie counts."""
    view.signed = True  # type: ignore[attr-defined]
    return view


def declare(view: View, access: Access) -> View:
    """Set a view's access; for views that come from a library."""
    view.access = access
    return view


def current_actor() -> Actor:
    """Who asks. The only place that reads the session's user or the token."""
    if is_api():
        return _token_actor()
    return current_user.as_actor() if current_user.is_authenticated else ANONYMOUS


def is_api() -> bool:
    return request.path.startswith(API_PREFIX)


def guard(app: Flask, find_token: TokenFinder) -> None:
    """Enforce the declarations and the CSRF rule on every request of `app`."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # checked below, after access, and not for /api
    csrf = CSRFProtect(app)
    app.extensions["find_token"] = find_token
    if "static" in app.view_functions:
        declare(app.view_functions["static"], PUBLIC)

    @app.before_request
    def check_access() -> ResponseReturnValue | None:
        return _check_access()

    @app.before_request
    def check_form_token() -> None:
        if app.config["WTF_CSRF_ENABLED"] and request.endpoint and not _proves_itself():
            csrf.protect()


def _proves_itself() -> bool:
    """No browser can be tricked into it: /api knows tokens only, the others signatures."""
    view = current_app.view_functions.get(request.endpoint or "")
    return is_api() or getattr(view, "signed", False)


def _check_access() -> ResponseReturnValue | None:
    if request.endpoint is None:  # no such page: the 404 is everybody's
        return None
    view = current_app.view_functions[request.endpoint]
    access: Access | None = getattr(view, "access", None)
    if access is None:
        current_app.logger.error("the view %s declares no access", request.endpoint)
        raise NotAllowed(sentence("没有权限查看此页"))
    if access.is_public:
        return None
    return _check_actor(current_actor(), access)


def _check_actor(actor: Actor, access: Access) -> ResponseReturnValue | None:
    if actor.has(*access.roles):
        return None
    if not actor.is_anonymous:
        raise NotAllowed(sentence("没有权限查看此页"))
    if is_api():
        raise Unauthorized("no valid token", www_authenticate=WWWAuthenticate("bearer"))
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("security.login", next=request.full_path.rstrip("?")), 303)
    # A write is not repeated after login: the person sees its page again and decides.
    flash(gettext("登录已过期，刚才的没有提交。登录后回到原来那一页。"), "error")
    return redirect(url_for("security.login", next=_page_of_the_form()), 303)


def _page_of_the_form() -> str | None:
    sent_from = request.referrer or ""
    if not sent_from.startswith(request.host_url):
        return None
    return "/" + sent_from.removeprefix(request.host_url)


def _token_actor() -> Actor:
    # Looked up once a request; kept with the request, which outlives no other person's.
    if "mingan.actor" not in request.environ:
        request.environ["mingan.actor"] = _find_token_actor()
    actor: Actor = request.environ["mingan.actor"]
    return actor


def _find_token_actor() -> Actor:
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        return ANONYMOUS
    find: TokenFinder = current_app.extensions["find_token"]
    return find(given.token) or ANONYMOUS
