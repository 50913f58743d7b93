"""The API's description of itself, completed with what holds for every operation.

APIFlask describes what the decorators of a view tell. Added here: who may call, the answers of
errors.py, the header that names a wish, and the bodies that views read by themselves because they
are files or must not be parsed twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from apiflask import APIFlask

from portal.access import API_PREFIX, Access

Json = dict[str, Any]

TOKEN: Json = {"type": "http", "scheme": "bearer", "description": "mingan token ROLE REFERENCE"}
FAULT: Json = {
    "type": "object",
    "properties": {
        "message": {"type": "string"},
        "field": {"type": ["string", "null"], "description": "dotted path of the field at fault"},
    },
    "required": ["message"],
}
GUARDED = {"401": "no valid token", "403": "this token may not"}
FAULTS = {
    "404": "no such thing, or not for the eyes of this token",
    "503": "store or database did not answer, or witnesses are awaited; send the request again",
}
WRITING = {
    "400": "not a request of this API",
    "409": "the rules refuse; message says why",
    "413": "too large",
    "422": "field names what is wrong, message says how",
}
WISH: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "maxLength": 200},
    "description": "the same key from the same account counts once and gives the same receipt",
}

KIND: Json = {"type": "string", "maxLength": 64}
NOTE: Json = {"type": "string", "maxLength": 500}
FILE: Json = {"type": "string", "format": "binary"}
EVIDENCE: Json = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "properties": {"file": FILE, "kind": KIND, "note": NOTE},
            "required": ["file"],
        }
    }
}
LIVESTREAM: Json = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "properties": {"session": FILE, "replay": FILE, "transcript": FILE, "chat": FILE},
            "required": ["session", "replay"],
        }
    }
}
ORDER: Json = {
    "application/json": {"schema": {"type": "object", "description": "order-snapshot/1"}}
}
BODIES = {
    "/api/v1/orders": ORDER,
    "/api/v1/livestreams": LIVESTREAM,
    "/api/v1/claims/{draft_id}/evidence": EVIDENCE,
    "/api/v1/cases/{case_no}/evidence": EVIDENCE,
}


def describe_api(app: APIFlask) -> None:
    """Complete the description that `app` gives of itself; pages are left out of it."""

    @app.spec_processor
    def complete(spec: Json) -> Json:
        spec.setdefault("components", {})["securitySchemes"] = {"token": TOKEN}
        spec["paths"] = {p: o for p, o in spec["paths"].items() if p.startswith(API_PREFIX)}
        access = dict(_access(app))
        for path, operations in spec["paths"].items():
            for method, operation in operations.items():
                _complete(operation, method, access[path, method])
            if path in BODIES:
                operations["post"]["requestBody"] = {"content": BODIES[path], "required": True}
        return spec


def _access(app: APIFlask) -> Iterator[tuple[tuple[str, str], Access]]:
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in rule.methods or ():
            yield (path, method.lower()), app.view_functions[rule.endpoint].access  # type: ignore[attr-defined]


def _complete(operation: Json, method: str, access: Access) -> None:
    writes = method != "get"
    if not access.is_public:
        operation["security"] = [{"token": []}]
    if writes:
        operation.setdefault("parameters", []).append(WISH)
    faults = FAULTS | ({} if access.is_public else GUARDED) | (WRITING if writes else {})
    known = {status for status in operation["responses"] if status >= "400"}
    for status in sorted(known | faults.keys()):
        operation["responses"][status] = _fault(faults.get(status) or WRITING[status])


def _fault(meaning: str) -> Json:
    return {"description": meaning, "content": {"application/json": {"schema": FAULT}}}
