"""I10: the entries that the rows hold are the ledger's, each bound to the one before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ledger import Entry, Log, VerificationError, disclosures_match, leaf_digest, read_content
from portal.history import History, Recorded


def chain_problems(log: Log, stream: str, history: History) -> Iterator[str]:
    """What is wrong with a stream's rows: a broken link, a field that its entry did not seal, or
    another end than the ledger's."""
    yield from _links(stream, history.entries)
    if history.head != log.head(stream):
        yield f"{stream}: ends elsewhere than in the ledger"


def _links(stream: str, entries: Sequence[Recorded]) -> Iterator[str]:
    previous = b""
    for seq, recorded in enumerate(entries):
        raw = recorded.raw.encode()
        try:
            entry = Entry(recorded.index, raw)
            if (entry.stream, entry.seq, entry.prev) != (stream, seq, previous):
                yield f"{stream}#{seq}: does not follow"
            if recorded.disclosures and not _opens(entry, recorded.disclosures):
                yield f"{stream}#{seq}: says what was not recorded"
        except VerificationError:
            yield f"{stream}#{seq}: is not an entry"
        previous = leaf_digest(raw)


def _opens(entry: Entry, texts: tuple[str, ...]) -> bool:
    """All that the entry sealed, and nothing else."""
    return len(texts) == len(read_content(entry).sd) and disclosures_match(entry.raw, texts)
