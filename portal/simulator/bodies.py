"""JSON bodies of requests, read by many threads.

msgspec works out how to read a type at its first use, and of two threads that begin at once one
reads the other's unfinished work and brings the process down (0.22); so one reads at a time.
"""

from __future__ import annotations

import threading
from typing import Any

import msgspec

_one_at_a_time = threading.Lock()


def decode(content: bytes, kind: Any) -> Any:
    """Raises msgspec.DecodeError, RecursionError."""
    with _one_at_a_time:
        return msgspec.json.decode(content, type=kind)
