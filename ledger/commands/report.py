"""What a command says: lines for people, or one JSON object with --json; never both.

    {"ok": true, ...what was found...}
    {"ok": false, "error": "what is wrong", "advice": "what to do"}

Errors of the world become a sentence with advice; mistakes of the program stay what they are.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from ledger.errors import (
    Busy,
    EntryTooLarge,
    LedgerError,
    NoQuorum,
    NotStored,
    StoreLies,
    StoreUnavailable,
    StreamMoved,
    Unconfirmed,
    VerificationError,
)

# The first that fits is said.
_ADVICE: tuple[tuple[type[Exception], str], ...] = (
    (StreamMoved, "read the stream again with `show`, then append with the length it has now"),
    (EntryTooLarge, "record the SHA-256 of a large file, and keep the file beside the log"),
    (Unconfirmed, "repeat the command with the same --key: it counts once"),
    (Busy, "try again in a moment"),
    (NoQuorum, "look at the witnesses named above, or publish without --require-witnesses"),
    (StoreLies, "use another store, or ask its maker about conditional writes"),
    (StoreUnavailable, "check the path or endpoint, the permissions and the credentials"),
    (NotStored, "check the number or the name; `show STREAM` lists what there is"),
    (VerificationError, "run `fsck` to see what else is wrong, and ask who had access"),
)


class CannotDo(LedgerError):
    """A command that cannot be carried out; `advice` says what would help."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason)
        self.advice = advice


class Report:
    """Collects what one command has to say."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._facts: dict[str, Any] = {}

    def say(self, line: str) -> None:
        """A line for people, at once."""
        if not self.as_json:
            print(line, flush=True)

    def announce(self, line: str, **facts: Any) -> None:
        """Either at once, for a command that does not end by itself."""
        print(json.dumps(facts, ensure_ascii=False) if self.as_json else line, flush=True)

    def add(self, **facts: Any) -> None:
        """Facts for programs, at the end."""
        self._facts |= facts

    def finish(self, *, ok: bool) -> int:
        """Print what is left; the answer is the exit status."""
        if self.as_json:
            print(json.dumps({"ok": ok} | self._facts, ensure_ascii=False), flush=True)
        return 0 if ok else 1

    def fail(self, error: Exception) -> int:
        """Say what is wrong and what to do."""
        reason, advice = explain(error)
        self.add(error=reason, advice=advice)
        if not self.as_json:
            print(f"error: {reason}" + f"\n       {advice}" * bool(advice), file=sys.stderr)
        return self.finish(ok=False)


def explain(error: Exception) -> tuple[str, str]:
    """What is wrong, and what to do about it."""
    reason = str(error) or type(error).__name__
    if isinstance(error, OSError) and error.strerror:
        reason = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, CannotDo):
        return reason, error.advice
    return reason, next((advice for kind, advice in _ADVICE if isinstance(error, kind)), "")
