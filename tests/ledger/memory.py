"""A store in memory that keeps every promise of `Store` and fails the test that breaks one.

Commits, checkpoints and full tiles are never deleted, nothing but the pointer is replaced, and
what is signed speaks only of what is stored already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import RLock

from ledger.errors import NotStored, StoreLies
from ledger.stores.store import Irregular, check_key
from ledger.stores.verdict import Verdict
from ledger.tiles import WIDTH, parse_key


class MemoryStore:
    """Safe for threads; `objects` may be looked at, and spoiled, by the test."""

    verdict: Verdict | None = None

    def __init__(self, objects: dict[str, bytes] | None = None) -> None:
        self.objects = dict(objects or {})
        self._lock = RLock()

    def copy(self) -> MemoryStore:
        """Another store with the same objects."""
        with self._lock:
            return MemoryStore(self.objects)

    def create(self, key: str, content: bytes, *, keep: bool = False) -> bool:
        assert keep == _is_kept(key), f"keep={keep} for {key}"
        with self._lock:
            return self.objects.setdefault(check_key(key), content) == content

    def create_all(self, objects: Iterable[tuple[str, bytes]], *, keep: bool = False) -> list[str]:
        return [key for key, content in objects if not self.create(key, content, keep=keep)]

    def get(self, key: str) -> bytes:
        with self._lock:
            if check_key(key) not in self.objects:
                raise NotStored(f"nothing is stored under {key}")
            return self.objects[key]

    def read(self, key: str, start: int, length: int) -> bytes:
        return self.get(key)[start : start + length]

    def size(self, key: str) -> int:
        return len(self.get(key))

    def add_file(self, key: str, path: Path) -> None:
        if not self.create(key, path.read_bytes()):
            raise StoreLies(f"{key} holds something else than a file of its digest")

    def replace(self, key: str, content: bytes, previous: bytes | None) -> bool:
        assert key == "checkpoint", f"{key} is never replaced"
        with self._lock:
            if self.objects.get(key) != previous:
                return False
            assert self._size_shown(content) > self._size_shown(previous), "it moved back"
            self.objects[key] = content
            return True

    def keys(self, prefix: str, after: str = "") -> Iterator[str]:
        with self._lock:
            found = sorted(key for key in self.objects if key.startswith(prefix) and key > after)
        return iter(found)

    def irregular(self, prefix: str) -> Iterator[Irregular]:
        return iter(())

    def delete(self, key: str) -> None:
        tile = parse_key(key)
        partial = tile is not None and tile.width < WIDTH
        assert partial or key.startswith(("keys/", "probe/", "inbox/")), f"{key} is never deleted"
        with self._lock:
            self.objects.pop(key, None)

    @staticmethod
    def _size_shown(note: bytes | None) -> int:
        return int(note.split(b"\n")[1]) if note else -1


def _is_kept(key: str) -> bool:
    """What Object Lock may hold: what never has to go."""
    tile = parse_key(key)
    full = tile is not None and tile.width == WIDTH
    return full or key.startswith(("commit/", "checkpoints/", "timestamps/", "log.vkey"))
