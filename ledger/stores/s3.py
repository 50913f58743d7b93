"""A store in a bucket of S3, or of what speaks its language (dialects.py).

Creating is a PUT that is refused if the key exists, replacing a PUT that is refused if the
content has changed: the server decides who was first. What needs care is not knowing whether
a request was carried out:

    time-out, reset, 5xx, 409    it may have been, or may still be: look, and if not, repeat
    412, "it exists"             perhaps by our own request, whose answer was lost or which
                                 the network delivered twice: look and compare the bytes

Where a store cannot replace conditionally, the pointer moves by steps (steps.py).

Threats: a server that ignores a condition (probe.py), a newer version or a delete marker that
somebody puts over a locked object (`irregular`), a version that outlives its erasure
(`delete` removes all).
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from io import BufferedReader
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

from ledger.errors import NotStored, StoreLies, StoreUnavailable
from ledger.stores.bucket import (
    Bucket,
    Damaged,
    PastEnd,
    Refused,
    Spoiled,
    Unclear,
    Version,
    new_client,
)
from ledger.stores.dialects import AWS, Dialect
from ledger.stores.retention import Retention, Wish, agree
from ledger.stores.steps import Steps, digest
from ledger.stores.store import Irregular, check_key, in_windows
from ledger.stores.verdict import Verdict

T = TypeVar("T")

# About half a second of pauses in all; a person waits for the answer.
ATTEMPTS = 5
_FIRST_PAUSE_SECONDS = 0.03
# The SDK holds the interpreter's lock for most of a request: more threads gain nothing.
_THREADS = 8
_AT_ONCE = 64


class S3Store:
    """A Store (see store.py) whose keys are objects below a prefix of one bucket."""

    def __init__(
        self, client: Any, bucket: str, prefix: str = "", *, dialect: Dialect = AWS
    ) -> None:
        """`client` is a boto3 client that makes one attempt per request (see bucket.py)."""
        self.name = f"bucket {bucket}"
        self.verdict: Verdict | None = None
        self._bucket = Bucket(client, bucket, dialect)
        self._prefix = f"{prefix}/" if prefix else ""
        self._retention: Retention | None = None
        self._versioned: bool | None = None  # not asked yet

    @property
    def kind(self) -> str:
        """What sort of store this is, without its name."""
        kept = f", commits {self._retention}" if self._retention else ""
        return f"S3, dialect {self._bucket.dialect.name}{kept}"

    def retain(self, wish: Wish) -> None:
        """Ask the bucket about Object Lock and lock what is kept; StoreLies if it cannot be."""
        lock = self._repeated(self._bucket.lock)
        try:
            self._retention = agree(wish, lock)
        except StoreLies as error:
            raise StoreLies(f"{self.name} cannot hold a ledger: {error}") from None

    def create(self, key: str, content: bytes, *, keep: bool = False) -> bool:
        retention = self._retention if keep else None
        return self._create(key, content, retention, lambda: self._fetch(key)[0] == content)

    def create_all(self, objects: Iterable[tuple[str, bytes]], *, keep: bool = False) -> list[str]:
        others: list[str] = []
        with ThreadPoolExecutor(_THREADS) as pool:
            for window in in_windows(objects, _AT_ONCE):
                ours = pool.map(lambda each: self.create(*each, keep=keep), window)
                others += [key for (key, _), mine in zip(window, ours, strict=True) if not mine]
        return others

    def get(self, key: str) -> bytes:
        return self._repeated(lambda: self._fetch(key)[0])

    def read(self, key: str, start: int, length: int) -> bytes:
        span = f"bytes={start}-{start + max(length, 1) - 1}"
        try:
            return self._repeated(lambda: self._fetch(key, Range=span)[0])[:length]
        except PastEnd:
            return b""

    def size(self, key: str) -> int:
        return self._repeated(lambda: self._bucket.length(self._name(key)))

    def add_file(self, key: str, path: Path) -> None:
        length = path.stat().st_size
        with path.open("rb") as source:
            if not self._create(key, source, None, lambda: self.size(key) == length):
                raise StoreLies(f"{key} holds something else than a file of its digest")

    def replace(self, key: str, content: bytes, previous: bytes | None) -> bool:
        if previous is None:
            return self.create(key, content)
        if not self._bucket.dialect.replaces:
            return self.swap(key, content, digest(previous))
        return self._repeated(lambda: self._replace(key, content, previous))

    def tag(self, key: str) -> str:
        """What `swap` knows the present content by; NotStored."""
        content, tag = self._repeated(lambda: self._fetch(key))
        return tag if self._bucket.dialect.replaces else digest(content)

    def swap(self, key: str, content: bytes, tag: str) -> bool:
        """Replace the content that has this tag; False if the server refuses.

        Its answer is taken as it is, also when an earlier one was lost: to ask the server
        whether it looks at the tag. To move a pointer there is `replace`.
        """
        if not self._bucket.dialect.replaces:
            return Steps(self.create, self.get, self._overwrite).swap(key, content, tag)
        try:
            self._repeated(lambda: self._bucket.replace(self._name(key), content, tag))
        except (Refused, NotStored):
            return False
        return True

    def create_damaged(self, key: str, content: bytes) -> bool:
        """Send other bytes than the checksum says; whether the server took them."""
        wrong = self._bucket.dialect.digest(content + b"damaged")

        def taken() -> bool:
            try:
                self._bucket.create(self._name(key), content, wrong)
            except Damaged:
                return False
            except Unclear:
                raise
            except StoreUnavailable:  # refused in other words
                return False
            return True

        return self._repeated(taken)

    def create_locked(self, key: str, content: bytes, seconds: int) -> bool | None:
        """Lock a new object for a moment; whether deleting it is refused."""
        if self._retention is None:
            return None
        brief = Retention(self._retention.mode, timedelta(seconds=seconds))
        self._create(key, content, brief, lambda: self._fetch(key)[0] == content)
        try:
            self.delete(key)
        except StoreUnavailable:
            return self.get(key) == content
        return False

    def keys(self, prefix: str, after: str = "") -> Iterator[str]:
        place = {"StartAfter": self._prefix + after} if after else {}
        for name in self._pages(self._bucket.list_names, prefix, place):
            yield name.removeprefix(self._prefix)

    def irregular(self, prefix: str) -> Iterator[Irregular]:
        for name, group in groupby(self._versions(prefix), attrgetter("name")):
            found = list(group)
            contents = sum(not each.deleted for each in found)
            if contents != 1 or len(found) > 1:
                hidden = any(each.deleted and each.newest for each in found)
                yield Irregular(name.removeprefix(self._prefix), contents, hidden)

    def delete(self, key: str) -> None:
        name = self._name(key)
        if self._versioned is None:
            self._versioned = self._repeated(self._bucket.keeps_versions)
        found = self._versions(key) if self._versioned else ()
        versions = [each for each in found if each.name == name]
        # None in a store that keeps no versions, or does not tell.
        for number in [each.id for each in versions] or [""]:
            self._repeated(partial(self._bucket.delete, name, number))

    def _create(
        self,
        key: str,
        body: bytes | BufferedReader,
        retention: Retention | None,
        ours: Callable[[], bool],
    ) -> bool:
        """`ours` tells whether an object that is there is the one we are writing."""
        name, checksum = self._name(key), self._bucket.dialect.digest(body)

        def put_new() -> bool:
            try:
                self._bucket.create(name, body, checksum, retention)
                return True
            except (Refused, Unclear) as error:
                try:
                    return ours()
                except NotStored:  # not carried out so far: asking again does no harm
                    raise Unclear(error) from error

        return self._repeated(put_new)

    def _replace(self, key: str, content: bytes, previous: bytes) -> bool:
        try:
            current, tag = self._fetch(key)
        except NotStored:
            return False
        if current != previous:
            return current == content  # then an earlier attempt of ours went through
        try:
            self._bucket.replace(self._name(key), content, tag)
        except (Refused, NotStored):
            return self._holds(key, content)
        return True

    def _holds(self, key: str, content: bytes) -> bool:
        try:
            return self._fetch(key)[0] == content
        except NotStored:
            return False

    def _overwrite(self, key: str, content: bytes) -> None:
        self._repeated(lambda: self._bucket.overwrite(self._name(key), content))

    def _fetch(self, key: str, **options: str) -> tuple[bytes, str]:
        return self._bucket.fetch(self._name(key), **options)

    def _versions(self, prefix: str) -> Iterator[Version]:
        return self._pages(self._bucket.list_versions, prefix, {})

    def _pages(
        self, page: Callable[..., tuple[Sequence[T], dict[str, str]]], prefix: str, place: Any
    ) -> Iterator[T]:
        """Every item of every page; `place` is where to begin."""
        while True:
            items, following = self._repeated(partial(page, self._prefix + prefix, **place))
            yield from items
            if not following or following == place:
                return
            place = following

    def _name(self, key: str) -> str:
        return self._prefix + check_key(key)

    def _repeated(self, request: Callable[[], T]) -> T:
        """Until it is answered, with growing pauses; a StoreError if it never is."""
        pause = _FIRST_PAUSE_SECONDS
        for _ in range(ATTEMPTS - 1):
            try:
                return request()
            except Unclear:
                time.sleep(pause)
                pause *= 2
        try:
            return request()
        except Spoiled as error:
            raise StoreLies(f"{self.name} gives back other bytes than it took") from error
        except Unclear as error:
            raise StoreUnavailable(f"{self.name} does not answer: {error}") from error


def connect(
    bucket: str, prefix: str, endpoint: str | None, region: str | None, dialect: Dialect = AWS
) -> S3Store:
    """The store in a bucket. Nothing is sent yet; the bucket must exist."""
    client = new_client(bucket, endpoint, region, dialect)
    store = S3Store(client, bucket, prefix, dialect=dialect)
    # Nobody else knows this client: its connections end with the store.
    weakref.finalize(store, client.close)
    return store
