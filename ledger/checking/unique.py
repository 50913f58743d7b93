"""Whether any of a great many digests occurs twice, in constant memory.

They are dealt into files by their first byte; equal ones meet in one file, which is small
enough to be looked at as a whole (ten million digests make files of 1.2 MB).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

_DIGEST_BYTES = 32
_HELD = 1 << 16


class Unique:
    """Digests seen so far; `repeated` tells which came twice."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: list[bytes] = []

    def add(self, digests: Iterable[bytes]) -> None:
        self._held.extend(digests)
        if len(self._held) >= _HELD:
            self._deal()

    def repeated(self) -> Iterator[bytes]:
        """Each digest that was added more than once."""
        self._deal()
        for path in sorted(self._folder.iterdir()):
            content = path.read_bytes()
            ends = range(_DIGEST_BYTES, len(content) + 1, _DIGEST_BYTES)
            seen: set[bytes] = set()
            for digest in (content[end - _DIGEST_BYTES : end] for end in ends):
                if digest in seen:
                    yield digest
                seen.add(digest)

    def _deal(self) -> None:
        dealt: dict[int, list[bytes]] = {}
        for digest in self._held:
            dealt.setdefault(digest[0], []).append(digest)
        for first, digests in dealt.items():
            with (self._folder / f"{first:02x}").open("ab") as file:
                file.write(b"".join(digests))
        self._held = []
