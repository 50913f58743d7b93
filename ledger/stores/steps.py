"""A pointer that moves by steps, for stores that can create conditionally but not replace.

    <key>                                               its content, for everybody to read
    <key>.moved/<SHA-256 of the old content, hex>       the new content; created once

Whoever creates a step has moved the pointer. The key itself is written afterwards, without a
condition: by the owner of the step, or by the next writer who finds that it is behind. One
that slept before writing may set the key back; it then looks again itself, as does every later
writer, until the key holds what the last step says. So readers of the bare file may see, for
a moment or until the next move, a content that was true before, never one that was not.

A pointer may not return to a content it once had: its step is taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from ledger.errors import NotStored, StoreLies


@dataclass(frozen=True)
class Steps:
    """Three things that such a store can do, each durable and safe to repeat."""

    create: Callable[[str, bytes], bool]
    get: Callable[[str], bytes]
    overwrite: Callable[[str, bytes], None]

    def swap(self, key: str, content: bytes, tag: str) -> bool:
        """Move from the content with this digest; False if the pointer is elsewhere."""
        try:
            if digest(self._settle(key)) != tag:
                return False
        except NotStored:
            return False
        moved = self.create(_step(key, tag), content)
        self._settle(key)
        return moved

    def _settle(self, key: str) -> bytes:
        """Let the key hold what the last step says."""
        while True:
            stored = self.get(key)
            last = self._follow(key, stored)
            if last == stored:
                return stored
            self.overwrite(key, last)

    def _follow(self, key: str, content: bytes) -> bytes:
        seen = set[str]()
        while (tag := digest(content)) not in seen:
            seen.add(tag)
            try:
                content = self.get(_step(key, tag))
            except NotStored:
                return content
        raise StoreLies(f"the steps of {key} lead back to where they began")


def digest(content: bytes) -> str:
    """What a step calls a content by."""
    return sha256(content).hexdigest()


def is_step(key: str, pointer: str) -> bool:
    """Whether a key is a step of this pointer."""
    return re.fullmatch(rf"{re.escape(pointer)}\.moved/[0-9a-f]{{64}}", key) is not None


def _step(key: str, tag: str) -> str:
    return f"{key}.moved/{tag}"
