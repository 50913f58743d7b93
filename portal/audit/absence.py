"""A case number that no list has: whether the log has records under it, proven by its map."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ledger import Log
from ledger.mapproof import parse_map_root
from portal.audit.vouching import vouched


@dataclass(frozen=True)
class Absence:
    """`length` records stand under the number among the first `size` of the log; 0: no case."""

    length: int
    size: int
    at: datetime | None


def absence_of(log: Log, stream: str) -> Absence:
    """Ask the map, and believe its proof only."""
    complete = log.prove_stream(stream)
    head = complete.proof.verify(parse_map_root(complete.map_entry.payload))
    return Absence(head.length, complete.map_entry.index, vouched(log).signed_at)
