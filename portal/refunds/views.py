"""Where providers send their notifications. Their signature is the only key to this door."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, jsonify, make_response, request
from werkzeug.exceptions import RequestEntityTooLarge

from portal.access import public, signed
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.house import house
from portal.providers.values import Forged, NotAvailable, Provider
from portal.refunds.notices import MOST_BYTES, Notices

_NOBODY = _("没有这个支付机构")

bp = APIBlueprint("notices", __name__, enable_openapi=False)


@bp.post("/notices/<name>")
@public
@signed
def notice(name: str) -> Response:
    provider = _provider(name)
    request.max_content_length = MOST_BYTES
    if (request.content_length or 0) > MOST_BYTES:
        raise RequestEntityTooLarge
    content = request.get_data(cache=False)
    hearing = house().duties.execution.hearing
    try:
        notices = Notices(hearing, house().sessions, house().strangers)
        notices.take(provider, request.headers, content)
    except Forged:
        return _no(provider)
    except NotAvailable:
        raise NotFound(_NOBODY) from None
    return _yes(provider)


def _provider(name: str) -> Provider:
    try:
        return house().providers.named(name)
    except NotAvailable:
        raise NotFound(_NOBODY) from None


def _yes(provider: Provider) -> Response:
    # Alipay repeats everything that is not answered with this very word.
    if provider.name == "alipay":
        return make_response("success", 200, {"Content-Type": "text/plain"})
    return make_response("", 204)


def _no(provider: Provider) -> Response:
    if provider.name == "alipay":
        return make_response("fail", 401, {"Content-Type": "text/plain"})
    return make_response(jsonify(code="FAIL", message="not accepted"), 401)
