"""A log without its private keys: it reads and proves, and cannot write.

What an auditor opens. Nothing is ever sent to the store but questions; whatever would need a
write (publishing what is not published yet) is refused with a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn

from ledger.commands.report import CannotDo
from ledger.errors import NotStored
from ledger.note import Note, Signer, Verifier
from ledger.stores.store import Irregular, Store
from ledger.stores.verdict import Verdict


class Onlooker(Signer):
    """The public half of a log's keys."""

    def __init__(self, verifiers: Iterable[Verifier]) -> None:
        self.private_keys = ()  # type: ignore[assignment]
        self.verifiers = tuple(verifiers)

    def sign(self, text: str, at: int) -> Note:
        _refuse()


class Unwritable:
    """A Store (see store.py) of which one only reads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.verdict: Verdict | None = None

    def create(self, key: str, content: bytes, *, keep: bool = False) -> bool:
        """Only what is there already, as a repetition would find it."""
        try:
            return self._store.get(key) == content
        except NotStored:
            _refuse()

    def create_all(self, objects: Iterable[tuple[str, bytes]], *, keep: bool = False) -> list[str]:
        return [key for key, content in objects if not self.create(key, content)]

    def get(self, key: str) -> bytes:
        return self._store.get(key)

    def read(self, key: str, start: int, length: int) -> bytes:
        return self._store.read(key, start, length)

    def size(self, key: str) -> int:
        return self._store.size(key)

    def add_file(self, key: str, path: Path) -> None:
        _refuse()

    def replace(self, key: str, content: bytes, previous: bytes | None) -> bool:
        _refuse()

    def keys(self, prefix: str, after: str = "") -> Iterator[str]:
        return self._store.keys(prefix, after)

    def irregular(self, prefix: str) -> Iterator[Irregular]:
        return self._store.irregular(prefix)

    def delete(self, key: str) -> None:
        _refuse()


def _refuse() -> NoReturn:
    raise CannotDo(
        "this is not published yet, and publishing needs the private keys of the log",
        "ask the operator to run `publish`, or name the keys' folder with --secrets",
    )
