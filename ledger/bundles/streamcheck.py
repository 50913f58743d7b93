"""What a Merkle root cannot say of one stream: that it has no gap, no fork and no half command.

For the few entries of a bundle, all at hand; chains.py does the same for a whole log at speed.
Also reads what an entry of erasure says, a plain payload

    mingan/erased/v1
    case-1                    <- name of a data key, one a line

The keys of these names were destroyed, and with them everything that they sealed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ledger.entry import EMPTY, PLAIN, Entry, Head
from ledger.errors import VerificationError

_ERASED = re.compile(rb"mingan/erased/v1\n((?:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\n)+)")


def check_stream(stream: str, entries: Sequence[Entry]) -> Head:
    """Where the stream ends, if these entries continue each other from its first one on.

    VerificationError, naming the entry, for a gap, a fork, or a command repeated or cut apart.
    """
    head, begun, commands = EMPTY, None, set()
    for entry in entries:
        if entry.stream != stream or (entry.seq, entry.prev) != (head.length, head.digest):
            raise VerificationError(
                f"entry {entry.index} does not continue stream {stream} after {head.length} entries"
            )
        if not _continues(begun, entry) or (begun is None and entry.command in commands):
            raise VerificationError(f"entry {entry.index} repeats a command or breaks one apart")
        commands.add(entry.command)
        head, begun = entry.head, entry if entry.part[0] < entry.part[1] else None
    if begun is not None:
        raise VerificationError(f"entry {begun.index} is not the last of its command")
    return head


def erased_keys(entry: Entry) -> tuple[str, ...]:
    """The names of the data keys whose destruction an entry records; none for any other entry."""
    found = _ERASED.fullmatch(entry.payload) if entry.kid == PLAIN else None
    return tuple(found[1].decode("ascii").split()) if found else ()


def _continues(begun: Entry | None, entry: Entry) -> bool:
    """Whether the parts of a command follow each other; `begun` is the one before, if any."""
    if begun is None:
        return entry.part[0] == 1
    after = (begun.index + 1, begun.command, (begun.part[0] + 1, begun.part[1]))
    return (entry.index, entry.command, entry.part) == after
