"""The log's two signing keys: made at first start, readable by its owner only, never replaced."""

from __future__ import annotations

from pathlib import Path

from ledger import StoreUnavailable
from ledger.keys import generate, load, save
from ledger.note import Signer


def read_or_make_log_key(path: Path, origin: str) -> Signer:
    """The signer of this installation's log; of two processes that start at once one makes it."""
    if not path.exists():
        try:
            save(generate(origin), path)
        except StoreUnavailable:
            if not path.exists():
                raise
    return load(path)
