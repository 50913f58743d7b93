"""Where a reader can go from any page, and the ways back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app, request, url_for
from flask_babel import LazyString, lazy_gettext

from portal.access import Actor, Role

# (endpoint, label) by role; an endpoint that this setting does not offer is left out.
PUBLIC_NAVIGATION = (
    ("pages.home", lazy_gettext("首页")),
    ("audit.verify", lazy_gettext("记录核验")),
)
NAVIGATION = {
    Role.BUYER: (("claims.mine", lazy_gettext("我的投诉")),),
    Role.MERCHANT: (
        ("responses.queue", lazy_gettext("待办")),
        ("moneypages.refunds", lazy_gettext("退款清单")),
        ("books.shop", lazy_gettext("账目")),
    ),
    Role.REVIEWER: (("panels.mine", lazy_gettext("我的评审")),),
    Role.ASSOCIATION: (
        ("audit.search", lazy_gettext("案例检索")),
        ("integrity.docket", lazy_gettext("举报受理")),
        ("obligations.unkept", lazy_gettext("没有履行的")),
        ("oversight.voids", lazy_gettext("作废提议")),
        ("monitors.overseen", lazy_gettext("资金监督")),
    ),
    Role.OPERATOR: (
        ("operations.home", lazy_gettext("运行")),
        ("monitors.home", lazy_gettext("资金")),
        ("officers.queue", lazy_gettext("专员")),
        ("oversight.panels", lazy_gettext("评审席")),
        ("pool.home", lazy_gettext("评审库")),
    ),
}
MESSAGES = (("messages.mine", lazy_gettext("消息")),)
FOOT = (
    ("pages.rules", lazy_gettext("处理规则")),
    ("audit.verify", lazy_gettext("记录核验")),
    ("draws.listing", lazy_gettext("抽选公示")),
    ("quality.published", lazy_gettext("评审质量")),
    ("integrity.report", lazy_gettext("举报")),
    ("membership.application", lazy_gettext("申请做评审员")),
)

Links = Sequence[tuple[str, LazyString]]


@dataclass(frozen=True)
class NavLink:
    """One entry of the navigation; current when the page belongs to the same feature."""

    href: str
    label: str
    current: bool


def navigation(actor: Actor) -> tuple[NavLink, ...]:
    """What the actor may do comes first; a person with two roles sees the links of both."""
    links: list[tuple[str, LazyString]] = [
        link for role in NAVIGATION if role in actor.roles for link in NAVIGATION[role]
    ]
    # The brand leads home already, and a phone's row is short.
    links += PUBLIC_NAVIGATION[1:] if links else PUBLIC_NAVIGATION
    return links_to(links)


def links_to(links: Links) -> tuple[NavLink, ...]:
    """The links whose pages this installation has, with the reader's place marked."""
    offered = [link for link in links if link[0] in current_app.view_functions]
    here = current_link([endpoint for endpoint, _ in offered])
    return tuple(NavLink(url_for(name), str(label), name == here) for name, label in offered)


def current_link(endpoints: Sequence[str]) -> str | None:
    """The link of this very page, else the first one of the same feature, else the nearest above:
    /ops/money for /ops/money/approvals."""
    if request.endpoint in endpoints:
        return request.endpoint
    feature = f"{request.blueprint}."
    same = (name for name in endpoints if name.startswith(feature))
    above = (name for name in endpoints if request.path.startswith(f"{url_for(name)}/"))
    return next(same, None) or max(above, key=lambda name: len(url_for(name)), default=None)


def own_path(target: str) -> str:
    """A path of this site, or the front page: a link must not send readers elsewhere.

    Browsers read a backslash as a slash and drop control characters, so both are refused.
    """
    parts = urlsplit(target)
    foreign = parts.scheme or parts.netloc or target.startswith("//")
    plain = target.startswith("/") and target.isprintable() and "\\" not in target
    return "/" if foreign or not plain else target


def came_from() -> str | None:
    """The page of this site that the request came from, or None."""
    if not request.referrer or not request.referrer.startswith(request.host_url):
        return None
    path = own_path(request.referrer.removeprefix(request.host_url.rstrip("/")))
    return None if path == request.full_path.rstrip("?") else path
