"""A bar on the terminal while something long runs; nothing at all elsewhere."""

from __future__ import annotations

import shutil
import sys
import time
from types import TracebackType

_PAUSE_SECONDS = 0.1
_WIDEST = 40


class Bar:
    """Drawn on standard error, at most ten times a second."""

    def __init__(self, total: int, *, shown: bool = True) -> None:
        """`total` may be 0 if nobody knows; beyond it only the count is shown."""
        self._total = total
        self._shown = shown and sys.stderr.isatty()
        self._started = self._drawn_at = time.monotonic()
        self._drawn = False

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.clear()

    def move(self, count: int) -> None:
        """So many are done."""
        now = time.monotonic()
        if self._shown and now - self._drawn_at >= _PAUSE_SECONDS:
            self._drawn_at, self._drawn = now, True
            rate = count / max(now - self._started, 0.001)
            sys.stderr.write(f"\r\x1b[K{draw(count, self._total, rate, _columns())}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Make room for a line."""
        if self._drawn:
            self._drawn = False
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def draw(count: int, total: int, rate: float, columns: int) -> str:
    """The bar as text, never wider than the terminal."""
    numbers = f" {count:,} entries, {rate:,.0f}/s"
    width = min(_WIDEST, columns - len(numbers) - 10)
    if count > total or width < 5:
        return numbers.strip()[: max(columns - 1, 0)]
    share = count / total if total else 1.0
    done = round(share * width)
    return f"[{'#' * done}{'.' * (width - done)}] {share:4.0%}{numbers}"


def _columns() -> int:
    return shutil.get_terminal_size().columns
