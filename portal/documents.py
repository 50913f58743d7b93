"""JSON documents that platforms hand over: read strictly, checked by a model, named by digest.

Two programs must never read two meanings out of one document, so what JSON leaves open is refused:
a key twice, a fraction where whole fen are meant, NaN and Infinity, half a surrogate pair, integers
that not every reader keeps exact. Every refusal is a BadInput that names the field, or "body".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn, TypeVar

import rfc8785
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from portal.errors import BadInput
from portal.errors import sentence as _

Model = TypeVar("Model", bound=BaseModel)

BODY = "body"
MISSING = "Field required"  # as pydantic says it
MAX_BYTES = 2 << 20
MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1  # RFC 8785 section 3.2.2.3: beyond it readers disagree


def read_document(content: bytes, most_bytes: int = MAX_BYTES) -> dict[str, Any]:
    """The object that a JSON text holds. Raises BadInput."""
    if len(content) > most_bytes:
        raise BadInput(BODY, _("内容太大，最多 %(most)s MB"), most=most_bytes >> 20)
    try:
        value = _READER.decode(content.decode("utf-8"))
    except (ValueError, RecursionError):
        raise BadInput(BODY, _("不是有效的 JSON（UTF-8）")) from None
    if not isinstance(value, dict):
        raise BadInput(BODY, _("应当是一个 JSON 对象"))
    for path, leaf in _leaves(value):
        _check_leaf(path, leaf)
    return value


def validated(model: type[Model], document: Mapping[str, Any]) -> Model:
    """The document as its model. Raises BadInput with the dotted path of the first fault."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
    raise misfit(_field(first), first["msg"])


def misfit(field: str, problem: str) -> BadInput:
    """What pydantic found wrong, in our words where that is a whole sentence."""
    if problem == MISSING:
        return BadInput(field, _("缺少这一项"))
    return BadInput(field, _("这一项不合要求：%(problem)s"), problem=problem)


def canonical_digest(value: Any) -> str:
    """Hex SHA-256 of the RFC 8785 form, so that spaces and the order of keys do not matter."""
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()


def _field(fault: ErrorDetails) -> str:
    path = [str(part) for part in fault["loc"]]
    named = str(fault.get("ctx", {}).get("field", ""))  # see orders/snapshot.py, `wrong`
    return ".".join([*path, *filter(None, [named])]) or BODY


def _leaves(value: Any) -> Iterator[tuple[str, Any]]:
    """Every scalar and key with its dotted path; without recursion, for values can be deep."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), value)]
    while waiting:
        path, each = waiting.pop()
        if len(path) > MAX_DEPTH:
            raise BadInput(".".join(path[:3]), _("嵌套太深"))
        if isinstance(each, dict):
            yield from ((".".join(path) or BODY, key) for key in each)
            waiting.extend(((*path, key), item) for key, item in each.items())
        elif isinstance(each, list):
            waiting.extend(((*path, str(place)), item) for place, item in enumerate(each))
        else:
            yield ".".join(path), each


def _check_leaf(path: str, leaf: Any) -> None:
    if isinstance(leaf, float):
        raise BadInput(path, _("只接受整数（金额以分为单位）"))
    if isinstance(leaf, int) and abs(leaf) > MAX_INTEGER:
        raise BadInput(path, _("数值太大"))
    if isinstance(leaf, str) and not _is_text(leaf):
        raise BadInput(path.encode(errors="replace").decode(), _("含有无法保存的字符"))


def _is_text(text: str) -> bool:
    """No half surrogate pair, which has no UTF-8, and no NUL, which a database refuses."""
    return not any(one == "\0" or "\ud800" <= one <= "\udfff" for one in text)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        keys = [key for key, _value in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise BadInput(twice.encode(errors="replace").decode(), _("同一个键出现了两次"))
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise BadInput(BODY, _("JSON 里没有 %(name)s 这个值"), name=name)


_READER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant)
