"""A trustee's key and its memory of what it has opened, on disk before any answer.

    trustee.key            its X25519 private key, 64 hex digits, mode 0600
    <state>/lock           held by the one process that may use this folder
    <state>/journal.jsonl  one line for each opening: when, which case, which ballots, with whom

Threats. A trustee that forgets could be shown two closings of one panel, and tell an operator
between the two what was voted. So: the folder is locked, a line is synced before its answer
leaves, and a key whose folder is gone stops the start.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from ledger.encoding import to_base64
from reviewers.trustee.closing import Closing
from reviewers.trustee.errors import Refused

JOURNAL = "journal.jsonl"


class Keeper:
    """One trustee. Safe for threads; `open_keeper` keeps other processes out."""

    def __init__(self, name: str, key: X25519PrivateKey, state: Path) -> None:
        """Reads the journal; ValueError if it is damaged."""
        self.name = name
        self.private_key = key.private_bytes_raw()
        self.public_key = to_base64(key.public_key().public_bytes_raw())
        self._journal = state / JOURNAL
        self._writing = Lock()
        self._lines = _read_journal(self._journal)

    @property
    def opened(self) -> int:
        """How many panels it has opened."""
        return len({(line["case_no"], line["round"]) for line in self._lines})

    def remember(self, closing: Closing, step: str, partner: str, at: str) -> None:
        """On disk on return; the same opening a second time adds nothing.

        Raises Refused OTHER_CLOSING if another closing of this panel was opened before. A record
        may promise a field twice and have each shown alone: so its slips are compared as well.
        """
        line = {
            "case_no": closing.case_no,
            "round": closing.round,
            "record": closing.record,
            "slips": list(closing.slips),
            "step": step,
            "partner": partner,
        }
        with self._writing:
            before = [one for one in self._lines if _panel(one) == _panel(line)]
            if any(
                (one["record"], one["slips"]) != (line["record"], line["slips"]) for one in before
            ):
                raise Refused("OTHER_CLOSING")
            if all({**one, "at": ""} != {**line, "at": ""} for one in before):
                self._append({**line, "at": at})

    def _append(self, line: dict[str, Any]) -> None:
        with self._journal.open("ab") as file:
            file.write(json.dumps(line, sort_keys=True).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._lines.append(line)


@contextmanager
def open_keeper(name: str, key: Path, state: Path) -> Iterator[Keeper]:
    """A trustee whose folder is locked while the context lasts.

    ValueError if the key or the journal cannot be trusted, OSError if a file cannot be used.
    """
    if not (state / JOURNAL).exists():
        raise ValueError(f"the journal of what was opened is gone: {state / JOURNAL}")
    descriptor = os.open(state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield Keeper(name, load_key(key), state)
    except BlockingIOError:
        raise ValueError(f"another process is the trustee of {state}") from None
    finally:
        os.close(descriptor)


def load_key(path: Path) -> X25519PrivateKey:
    """ValueError unless the file is a key that only its owner can read."""
    if path.stat().st_mode & 0o077:
        raise ValueError(f"{path}: others may read it; chmod 600 it")
    try:
        return X25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text().strip()))
    except ValueError:
        raise ValueError(f"{path} is not the key of a trustee") from None


def write_private(path: Path, text: str) -> None:
    """A new file that only its owner reads; OSError if it is there already."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _panel(line: dict[str, Any]) -> tuple[str, int]:
    return line["case_no"], line["round"]


def _read_journal(path: Path) -> list[dict[str, Any]]:
    content = path.read_bytes()
    whole, _newline, torn = content.rpartition(b"\n")
    if torn:  # a crash while writing: the answer to it never left
        with path.open("r+b") as file:
            file.truncate(len(content) - len(torn))
            os.fsync(file.fileno())
    try:
        return [json.loads(line) for line in whole.splitlines()]
    except ValueError:
        raise ValueError(f"{path} is damaged") from None
