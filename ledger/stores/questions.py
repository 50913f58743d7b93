"""What a store is asked before it may hold a ledger: one small experiment for each promise.

Each begins with a key that is new and may leave anything under it; probe.py cleans up. An
experiment looks at what is stored afterwards, not only at what the store answered.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Protocol

from ledger.errors import NotStored, StoreLies
from ledger.stores.store import Store

_THREADS, _ROUNDS = 8, 4
# Long enough for a server whose clock is a little ahead of ours.
_LOCK_SECONDS = 5


class Probed(Store, Protocol):
    """A store that lets its conditions be asked for one by one."""

    @property
    def name(self) -> str:
        """Which store this is, for the person who set it up."""

    @property
    def kind(self) -> str:
        """What sort of store this is, for the record: nothing that names a place."""

    def tag(self, key: str) -> str:
        """What `swap` knows the present content by; NotStored."""

    def swap(self, key: str, content: bytes, tag: str) -> bool:
        """Replace the content that has this tag; False if it is refused."""

    def create_damaged(self, key: str, content: bytes) -> bool | None:
        """Send other bytes than the checksum says: were they taken? None: no checksums."""

    def create_locked(self, key: str, content: bytes, seconds: int) -> bool | None:
        """Lock a new object for so long: is deleting it refused? None: it locks nothing."""


@dataclass(frozen=True)
class Question:
    """`ask(store, key)`: is the promise kept? None: this kind of store makes no such promise."""

    name: str
    promise: str
    lie: str
    ask: Callable[[Probed, str], bool | None]


_OLD, _NEW, _OTHER = b"an old content", b"a new content", b"another content"


def _reads_back(store: Probed, key: str) -> bool:
    _begin(store, key)
    parts = store.get(key), store.size(key), store.read(key, 3, 4)
    return parts == (_OLD, len(_OLD), _OLD[3:7])


def _lists(store: Probed, key: str) -> bool:
    _begin(store, key)
    return list(store.keys(key)) == [key]


def _creates_once(store: Probed, key: str) -> bool:
    _begin(store, key)
    return not store.create(key, _NEW) and store.get(key) == _OLD


def _creates_again(store: Probed, key: str) -> bool:
    _begin(store, key)
    store.delete(key)
    gone = _is_missing(store, key) and not list(store.irregular(key))
    return gone and store.create(key, _NEW) and store.get(key) == _NEW


def _replaces(store: Probed, key: str) -> bool:
    _begin(store, key)
    return store.replace(key, _NEW, _OLD) and store.get(key) == _NEW


def _refuses_stale(store: Probed, key: str) -> bool:
    _begin(store, key)
    tag = store.tag(key)
    store.replace(key, _NEW, _OLD)
    return not store.swap(key, _OTHER, tag) and store.get(key) != _OTHER


def _refuses_missing(store: Probed, key: str) -> bool:
    _begin(store, key)
    tag = store.tag(key)
    store.delete(key)
    return not store.swap(key, _OTHER, tag) and _is_missing(store, key)


def _checks_sums(store: Probed, key: str) -> bool | None:
    taken = store.create_damaged(key, _OLD)
    return None if taken is None else not taken and _is_missing(store, key)


def _keeps_locked(store: Probed, key: str) -> bool | None:
    kept = store.create_locked(key, _OLD, _LOCK_SECONDS)
    if kept:
        time.sleep(_LOCK_SECONDS + 1)  # then it can be taken away again
    return kept


def _one_creates(store: Probed, key: str) -> bool:
    def round_is_fair(number: int) -> bool:
        contents = [b"%d by %d" % (number, writer) for writer in range(_THREADS)]
        won = _race(lambda content: store.create(key, content), contents)
        fair = won.count(True) == 1 and store.get(key) == contents[won.index(True)]
        store.delete(key)
        return fair

    return all(round_is_fair(number) for number in range(_ROUNDS))


def _one_replaces(store: Probed, key: str) -> bool:
    def round_is_fair(number: int) -> bool:
        current = store.get(key)
        contents = [b"%d by %d" % (number, writer) for writer in range(_THREADS)]
        won = _race(lambda content: store.replace(key, content, current), contents)
        return won.count(True) == 1 and store.get(key) == contents[won.index(True)]

    _begin(store, key)
    return all(round_is_fair(number) for number in range(_ROUNDS))


def _begin(store: Store, key: str) -> None:
    if not store.create(key, _OLD):
        raise StoreLies("it refuses to create a key that does not exist")


def _is_missing(store: Store, key: str) -> bool:
    try:
        store.get(key)
    except NotStored:
        return True
    return False


def _race(run: Callable[[bytes], bool], contents: Sequence[bytes]) -> list[bool]:
    """Run with every content at the same moment."""
    start = Barrier(len(contents))

    def wait_and_run(content: bytes) -> bool:
        start.wait()
        return run(content)

    with ThreadPoolExecutor(len(contents)) as pool:
        return list(pool.map(wait_and_run, contents))


QUESTIONS = (
    Question(
        "read",
        "what was stored is read at once, whole and in parts",
        "it does not give back what was just stored",
        _reads_back,
    ),
    Question(
        "list",
        "what was stored is listed at once",
        "it does not list what was just stored",
        _lists,
    ),
    Question(
        "create twice",
        "a key that exists is not created again",
        "it ignores If-None-Match: two writers would both believe that they wrote a commit",
        _creates_once,
    ),
    Question(
        "create after delete",
        "a deleted object is gone with all its versions, and its key can be used again",
        "a deleted object is still there, so that nothing could ever be erased",
        _creates_again,
    ),
    Question(
        "replace",
        "a pointer is replaced from the content that it has",
        "it refuses to replace a pointer whose content is the expected one",
        _replaces,
    ),
    Question(
        "replace from old",
        "a pointer is not replaced from a content that it no longer has",
        "it ignores If-Match: a slow writer would set the published checkpoint back",
        _refuses_stale,
    ),
    Question(
        "replace nothing",
        "a pointer that is not there is not replaced",
        "it ignores If-Match where there is no object",
        _refuses_missing,
    ),
    Question(
        "checksum",
        "a body that is not what its checksum says is refused",
        "it ignores checksums: a body that was damaged on the way would be kept for ever",
        _checks_sums,
    ),
)

DEEP_QUESTIONS = (
    Question(
        "lock",
        "a locked object cannot be deleted",
        "it takes a lock and lets the object be deleted all the same",
        _keeps_locked,
    ),
    Question(
        "race to create",
        f"of {_THREADS} writers that create one key at once, one wins",
        "it looks whether a key exists and writes it later: two writers can create one key",
        _one_creates,
    ),
    Question(
        "race to replace",
        f"of {_THREADS} writers that replace one pointer at once, one wins",
        "it compares a pointer and writes it later: two writers can move it at once",
        _one_replaces,
    ),
)
