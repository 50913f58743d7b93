"""Finding commits in a store."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.commit import MAX_HEADER_BYTES, CommitHeader, commit_key, parse_header
from ledger.errors import NotStored, VerificationError
from ledger.stores.store import Store


def commit_of_size(store: Store, size: int) -> CommitHeader:
    """The commit after which the log had `size` entries; about 2*log2(commits) reads."""
    low, high = 0, 1
    while (header := header_of(store, high - 1)) and header.range.size < size:
        low, high = high, high * 2
    while low < high:
        middle = (low + high) // 2
        header = header_of(store, middle)
        if header is not None and header.range.size == size:
            return header
        if header is not None and header.range.size < size:
            low = middle + 1
        else:
            high = middle
    raise VerificationError(f"no commit ends at the published size {size}")


def commits_back(store: Store, number: int, size: int) -> Iterator[CommitHeader]:
    """The commits before `number` that hold entries from index `size` on, newest first."""
    while number > 0:
        number -= 1
        header = header_of(store, number)
        if header is None or header.range.size <= size:
            return
        yield header


def header_of(store: Store, number: int) -> CommitHeader | None:
    """What a commit says about itself; None if there is none."""
    try:
        return parse_header(store.read(commit_key(number), 0, MAX_HEADER_BYTES))
    except NotStored:
        return None
