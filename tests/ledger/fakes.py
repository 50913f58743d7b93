"""A store that fails on purpose, exactly where the test says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Literal, TypeVar

from ledger import Store, StoreUnavailable
from ledger.stores.store import Irregular
from ledger.stores.verdict import Verdict

T = TypeVar("T")
When = Literal["before", "after"]
WRITES = frozenset({"create", "replace"})
# What Truncated can shorten.
READS = frozenset({"get", "read", "keys", "irregular"})


class Crash(BaseException):
    """The process ends here: nothing of ours may catch it."""


class Truncated(Exception):
    """Not raised: the answer to a read is cut in half."""


@dataclass(frozen=True)
class Call:
    """One call of the store, as the code under test made it."""

    name: str
    key: str

    @property
    def is_read(self) -> bool:
        return self.name in READS


@dataclass(frozen=True)
class _Plan:
    """Fail when so many calls, or so many writes, have been made."""

    writes_only: bool
    number: int
    when: When
    failure: type[BaseException]


class FailingStore:
    """Passes everything to a real store; the n-th call or write fails, once.

    `calls` holds every call so far, `writes` counts those that create or replace. What a
    caller of `create_all` hands over is created, counted and failed one by one: a crash
    may come between any two of the objects.
    """

    verdict: Verdict | None = None

    def __init__(self, real: Store) -> None:
        self._real = real
        self._lock = Lock()
        self._plan: _Plan | None = None
        self.calls: list[Call] = []
        self.writes = 0

    def fail_at(
        self, write: int, when: When, failure: type[BaseException] = StoreUnavailable
    ) -> None:
        """The n-th write from now, counted from 1."""
        self._plan = _Plan(True, self.writes + write, when, failure)

    def fail_at_call(
        self, call: int, when: When, failure: type[BaseException] = StoreUnavailable
    ) -> None:
        """The n-th call of any kind from now, counted from 1."""
        self._plan = _Plan(False, len(self.calls) + call, when, failure)

    def create(self, key: str, content: bytes, *, keep: bool = False) -> bool:
        return self._do("create", key, lambda: self._real.create(key, content, keep=keep))

    def create_all(self, objects: Iterable[tuple[str, bytes]], *, keep: bool = False) -> list[str]:
        return [key for key, content in objects if not self.create(key, content, keep=keep)]

    def replace(self, key: str, content: bytes, previous: bytes | None) -> bool:
        return self._do("replace", key, lambda: self._real.replace(key, content, previous))

    def get(self, key: str) -> bytes:
        return self._do("get", key, lambda: self._real.get(key), _half)

    def read(self, key: str, start: int, length: int) -> bytes:
        return self._do("read", key, lambda: self._real.read(key, start, length), _half)

    def size(self, key: str) -> int:
        return self._do("size", key, lambda: self._real.size(key))

    def add_file(self, key: str, path: Path) -> None:
        self._do("add_file", key, lambda: self._real.add_file(key, path))

    def keys(self, prefix: str, after: str = "") -> Iterator[str]:
        found = self._do("keys", prefix, lambda: list(self._real.keys(prefix, after)), _half)
        return iter(found)

    def irregular(self, prefix: str) -> Iterator[Irregular]:
        found = self._do("irregular", prefix, lambda: list(self._real.irregular(prefix)), _half)
        return iter(found)

    def delete(self, key: str) -> None:
        self._do("delete", key, lambda: self._real.delete(key))

    def _do(
        self, name: str, key: str, work: Callable[[], T], cut: Callable[[T], T] | None = None
    ) -> T:
        with self._lock:
            self.calls.append(Call(name, key))
            self.writes += name in WRITES
            before, after = self._due(name, "before"), self._due(name, "after")
        if before is not None:
            raise before("as the test wished")
        result = work()
        if after is Truncated:
            assert cut is not None, f"{name} gives back nothing that could be cut"
            return cut(result)
        if after is not None:
            raise after("as the test wished")
        return result

    def _due(self, name: str, when: When) -> type[BaseException] | None:
        plan = self._plan
        if plan is None or plan.when != when or (plan.writes_only and name not in WRITES):
            return None
        if plan.number != (self.writes if plan.writes_only else len(self.calls)):
            return None
        self._plan = None
        return plan.failure


def _half(found: T) -> T:
    return found[: len(found) // 2]  # type: ignore[index]
