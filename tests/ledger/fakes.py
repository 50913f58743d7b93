"""A store that fails on purpose, exactly where the test says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from ledger import Store, StoreUnavailable

When = Literal["before", "after"]


class Crash(BaseException):
    """The process ends here: nothing of ours may catch it."""


class FailingStore:
    """Passes everything to a real store; the n-th write fails before or after it was done.

    Counts creates and replaces from 1. `failure` is raised once; then the store works.
    """

    def __init__(self, real: Store) -> None:
        self._real = real
        self.writes = 0
        self._plan: tuple[int, When, type[BaseException]] | None = None

    def fail_at(
        self, write: int, when: When, failure: type[BaseException] = StoreUnavailable
    ) -> None:
        self._plan = (self.writes + write, when, failure)

    def create(self, key: str, content: bytes) -> bool:
        self._count("before")
        done = self._real.create(key, content)
        self._fail("after")
        return done

    def replace(self, key: str, content: bytes, previous: bytes | None) -> bool:
        self._count("before")
        done = self._real.replace(key, content, previous)
        self._fail("after")
        return done

    def get(self, key: str) -> bytes:
        return self._real.get(key)

    def read(self, key: str, start: int, length: int) -> bytes:
        return self._real.read(key, start, length)

    def size(self, key: str) -> int:
        return self._real.size(key)

    def add_file(self, key: str, path: Path) -> None:
        self._real.add_file(key, path)

    def keys(self, prefix: str, after: str = "") -> Iterator[str]:
        return self._real.keys(prefix, after)

    def delete(self, key: str) -> None:
        self._real.delete(key)

    def _count(self, when: When) -> None:
        self.writes += 1
        self._fail(when)

    def _fail(self, when: When) -> None:
        if self._plan is not None and self._plan[:2] == (self.writes, when):
            failure = self._plan[2]
            self._plan = None
            raise failure("as the test wished")
