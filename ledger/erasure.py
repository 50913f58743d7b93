"""The entry that says which data keys are destroyed: the erasure is itself on record.

    mingan/erased/v1
    <name of a key>         <- one a line

It is plain, stands at the end of the stream that those keys sealed, and is written before
the keys go: whoever finds one of them still there knows that an erasure was interrupted.
"""

from __future__ import annotations

from collections.abc import Iterable

from ledger.entry import PLAIN, is_kid, read_header
from ledger.errors import VerificationError

ERASED = b"mingan/erased/v1\n"


def format_erasure(kids: Iterable[str]) -> bytes:
    """The payload of the entry."""
    return ERASED + "".join(f"{kid}\n" for kid in kids).encode("ascii")


def erased_in(raw_entry: bytes) -> tuple[str, ...]:
    """The keys that an entry says are destroyed; none if it speaks of something else."""
    try:
        header = read_header(raw_entry)
    except VerificationError:
        return ()
    payload = raw_entry[header.payload_at :]
    if header.kid != PLAIN or not payload.startswith(ERASED):
        return ()
    kids = payload[len(ERASED) :].decode("ascii", "replace").split("\n")[:-1]
    return tuple(kids) if all(map(is_kid, kids)) else ()
