"""What costs most in making a website, made once a process: hundreds of tests make one each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apiflask import APIFlask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

from portal.house import House


class CompiledTemplates(BytecodeCache):
    """Keeps what Jinja has compiled; a changed template has another checksum."""

    def __init__(self) -> None:
        self._codes: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._codes:
            bucket.bytecode_from_string(self._codes[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key] = bucket.bytecode_to_string()


class LazyRule(Rule):
    """Compiles the building of its address when one is built, not for each of 280 routes."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., Any]:
        compile_now, compiled = super()._compile_builder, []

        def build(rule: Rule, **values: Any) -> Any:
            if not compiled:
                compiled.append(compile_now(append_unknown))
            return compiled[0](rule, **values)

        return build


_sql: dict[str, tuple[Any, Any]] = {}


def share_sql(house: House) -> None:
    """Let a house use what earlier ones have compiled; it belongs to one object of the dialect."""
    with house.sessions() as session:
        database: Any = session.get_bind()
    mine = database.dialect, database._compiled_cache
    database.dialect, database._compiled_cache = _sql.setdefault(database.dialect.name, mine)


def knows_sql(dialect: str) -> bool:
    return dialect in _sql


def share() -> None:
    """From now on all websites of this process share their templates and put off their routes."""
    APIFlask.jinja_options = APIFlask.jinja_options | {"bytecode_cache": CompiledTemplates()}
    APIFlask.url_rule_class = LazyRule
