"""Failures as pages: one table from our errors and HTTP's to a status, a title and a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apiflask import HTTPError
from flask import current_app, g, jsonify, make_response, render_template, request
from flask_babel import gettext
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import HTTPException, InternalServerError

from ledger import NoQuorum, StoreUnavailable
from ledger import Unconfirmed as Unclear
from portal.access import is_api
from portal.documents import misfit
from portal.errors import NotPublished, PortalError, Unconfirmed, sentence
from portal.formats import spoken
from portal.navigation import came_from

if TYPE_CHECKING:
    from flask import Flask, Response

TITLES = {
    400: sentence("这个请求看不懂"),
    403: sentence("没有权限查看此页"),
    404: sentence("没有这一页"),
    409: sentence("没有办成"),
    413: sentence("文件太大"),
    422: sentence("有内容需要修改"),
    429: sentence("操作太频繁"),
    500: sentence("我们这边出错了"),
    503: sentence("暂时无法确认"),
}
HINTS = {
    400: sentence("页面可能开得太久。请返回上一页，刷新后再试。"),
    403: sentence("如果这是你的案件，请换一个账号登录。"),
    404: sentence("地址可能写错了，或者这一页只给当事人看。"),
    413: sentence("照片不超过 10 MB，视频不超过 500 MB。请剪短或压缩后再传。"),
    429: sentence("请稍等一分钟再试。"),
    500: sentence("你填的内容没有被记录。请稍后再试；如果一直这样，请告诉我们时间和你在做什么。"),
}

# Store or database did not answer, before or after it did what was asked.
AWAY = (StoreUnavailable, Unclear, OperationalError, InterfaceError, NoConnection)


@dataclass(frozen=True)
class Problem:
    """What errors/problem.html shows; `hint` may be empty."""

    status: int
    title: str
    sentence: str
    hint: str
    back_href: str | None = None


def problem_page(status: int, message: str = "") -> Response:
    """A page with the status, its usual title and hint, and the failure's own sentence."""
    if status >= 500:
        _ask_nobody()
    title = gettext(TITLES.get(status, TITLES[500 if status >= 500 else 400]))
    hint = gettext(HINTS[status]) if status in HINTS else ""
    problem = Problem(status, title, "" if message == title else message, hint, came_from())
    return make_response(render_template("errors/problem.html", problem=problem), status)


def _ask_nobody() -> None:
    """Asking who is there needs the database, which may be the very thing that failed. The pages
    ask for the actor, and Flask-Login for its user, with every template."""
    g.without_actor = True
    g._login_user = current_app.login_manager.anonymous_user()


def answer_failures(app: Flask) -> None:
    """Answer our errors and HTTP's with a page, and below /api/ with JSON."""
    app.register_error_handler(PortalError, answer_ours)
    app.register_error_handler(HTTPException, answer_http)
    app.register_error_handler(HTTPError, answer_misfit)
    app.register_error_handler(InternalServerError, answer_http)
    app.register_error_handler(NoQuorum, answer_unpublished)
    for away in AWAY:
        app.register_error_handler(away, answer_away)


def answer_ours(error: PortalError) -> Response:
    """The sentence of the error, in the reader's language."""
    message = spoken(error.message, error.params)
    if is_api() or wants_json():
        return make_response(
            jsonify(message=message, field=getattr(error, "field", None)), error.status
        )
    return problem_page(error.status, message)


def answer_away(error: Exception) -> Response:
    """What the portal stands on is away. The same wish may be sent again: it counts once."""
    current_app.logger.error("store or database is away", exc_info=error)
    return answer_ours(Unconfirmed())


def answer_unpublished(error: Exception) -> Response:
    """A proof is asked for that cannot be given before witnesses have signed."""
    current_app.logger.warning("not published: %s", error)
    return answer_ours(NotPublished())


def wants_json() -> bool:
    """A script of ours asked; a browser that opens a page prefers HTML."""
    return request.accept_mimetypes.best == "application/json"


def answer_http(error: HTTPException) -> Response:
    """HTTP's own errors; those that carry an answer, such as redirects, keep it."""
    if error.response is not None:
        return make_response(error.response)
    status = error.code or 500
    answer = (
        make_response(jsonify(message=error.name), status) if is_api() else problem_page(status)
    )
    kept = ("Allow", "Retry-After", "WWW-Authenticate")
    answer.headers.extend([pair for pair in error.get_headers() if pair[0] in kept])
    return answer


def answer_misfit(error: HTTPError) -> Response:
    """A body that does not fit its API's model: the first field at fault, as ours are answered."""
    faults = next(iter(error.detail.values()), {}) if isinstance(error.detail, dict) else {}
    field, problems = next(iter(faults.items()), (None, [error.message]))
    wrong = misfit(field or "", problems[0])
    message = spoken(wrong.message, wrong.params)
    return make_response(jsonify(message=message, field=field), error.status_code)
