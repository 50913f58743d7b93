"""A store in a bucket of S3, or of what speaks its language.

Creating is a PUT with `If-None-Match: *`, replacing a PUT with `If-Match`: the server
decides who was first. What needs care is not knowing whether a request was carried out:

    time-out, reset, 5xx    it may have been, or may still be: look, and if not, repeat
    409                     another write was in flight: repeat
    412                     the key exists. Perhaps by our own request, whose answer was lost
                            or which the network delivered twice: look and compare the bytes

The SDK must not repeat by itself: it would report 412 for its own success. Its option
`max_attempts: 1` still sends twice, only `total_max_attempts: 1` sends once.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ledger.errors import NotStored, StoreLies, StoreUnavailable
from ledger.store import check_key

T = TypeVar("T")

# Slower answers than these are treated as none.
_CONNECT_SECONDS = 5
_READ_SECONDS = 30
# About half a second of pauses in all; a person waits for the answer.
ATTEMPTS = 5
_FIRST_PAUSE_SECONDS = 0.03
_ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})
_EXISTS = frozenset({"412", "PreconditionFailed"})
_PROBES = "probe/"


class _Unclear(Exception):
    """A request failed in a way that repeating may mend; it may have been carried out."""


class _Refused(Exception):
    """A conditional write met another state than it asked for."""


class _PastEnd(Exception):
    """A range that begins behind the last byte: S3 answers 416."""


class S3Store:
    """A Store (see store.py) whose keys are objects below a prefix of one bucket."""

    def __init__(self, client: Any, bucket: str, prefix: str = "") -> None:
        """`client` is a boto3 client that makes one attempt per request (see `connect`)."""
        self._client = client
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""

    def create(self, key: str, content: bytes) -> bool:
        return self._create(key, content, lambda: self._fetch(key)[0] == content)

    def get(self, key: str) -> bytes:
        return self._repeated(lambda: self._fetch(key)[0])

    def read(self, key: str, start: int, length: int) -> bytes:
        span = f"bytes={start}-{start + max(length, 1) - 1}"
        try:
            return self._repeated(lambda: self._fetch(key, Range=span)[0])[:length]
        except _PastEnd:
            return b""

    def size(self, key: str) -> int:
        return self._repeated(lambda: self._length(key))

    def add_file(self, key: str, path: Path) -> None:
        length = path.stat().st_size
        with path.open("rb") as source:
            if not self._create(key, source, lambda: self._length(key) == length):
                raise StoreLies(f"{key} holds something else than a file of its digest")

    def replace(self, key: str, content: bytes, previous: bytes | None) -> bool:
        if previous is None:
            return self.create(key, content)
        return self._repeated(lambda: self._replace(key, content, previous))

    def keys(self, prefix: str, after: str = "") -> Iterator[str]:
        start, token = self._prefix + after if after else "", ""
        while True:
            page = self._list(prefix, {"ContinuationToken": token} if token else {}, start)
            for each in page.get("Contents", []):
                yield str(each["Key"]).removeprefix(self._prefix)
            token = page.get("NextContinuationToken", "")
            if not token:
                return

    def delete(self, key: str) -> None:
        self._repeated(lambda: self._call("delete_object", Key=self._name(key)))

    def prove_exclusive(self) -> None:
        """Create a key twice; StoreLies if the second time is not refused.

        Several servers take the header and ignore it. With such a store two writers would
        both believe that they wrote a commit.
        """
        key = _PROBES + secrets.token_hex(16)
        try:
            if not self.create(key, b"first"):
                raise StoreLies("the store refused to create a key that did not exist")
            if self.create(key, b"second") or self.get(key) != b"first":
                raise StoreLies("the store ignores If-None-Match: it cannot hold a ledger")
        finally:
            self.delete(key)

    def _create(self, key: str, body: bytes | BinaryIO, ours: Callable[[], bool]) -> bool:
        """`ours` tells whether an object that is there is the one we are writing."""
        return self._repeated(lambda: self._put_new(key, body, ours))

    def _put_new(self, key: str, body: bytes | BinaryIO, ours: Callable[[], bool]) -> bool:
        try:
            self._put(key, body, IfNoneMatch="*")
            return True
        except (_Refused, _Unclear) as error:
            try:
                return ours()
            except NotStored:  # not carried out so far: the same request again does no harm
                raise _Unclear(error) from error

    def _replace(self, key: str, content: bytes, previous: bytes) -> bool:
        try:
            current, tag = self._fetch(key)
        except NotStored:
            return False
        if current != previous:
            return current == content  # then an earlier attempt of ours went through
        try:
            self._put(key, content, IfMatch=tag)
        except (_Refused, NotStored):
            return self._fetch(key)[0] == content
        return True

    def _put(self, key: str, body: bytes | BinaryIO, **condition: str) -> None:
        if not isinstance(body, bytes):
            body.seek(0)
        # Without a checksum a body that was damaged on the way would be stored for ever.
        options = {"Body": body, "ChecksumAlgorithm": "SHA256", **condition}
        self._call("put_object", Key=self._name(key), **options)

    def _fetch(self, key: str, **options: str) -> tuple[bytes, str]:
        answer = self._call("get_object", Key=self._name(key), **options)
        try:
            return answer["Body"].read(), answer["ETag"]
        except (BotoCoreError, OSError) as error:
            raise _Unclear(error) from error

    def _length(self, key: str) -> int:
        return int(self._call("head_object", Key=self._name(key))["ContentLength"])

    def _list(self, prefix: str, page: dict[str, str], start: str) -> Any:
        options = {**page, "Prefix": self._prefix + prefix}
        if start and not page:
            options["StartAfter"] = start
        return self._repeated(lambda: self._call("list_objects_v2", **options))

    def _call(self, operation: str, **options: Any) -> Any:
        try:
            return getattr(self._client, operation)(Bucket=self._bucket, **options)
        except ClientError as error:
            raise self._meaning(error, options) from error
        except (BotoCoreError, OSError) as error:
            raise _Unclear(error) from error

    def _meaning(self, error: ClientError, options: dict[str, Any]) -> Exception:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code in _EXISTS or status == 412:
            return _Refused()
        if status == 416:
            return _PastEnd()
        if code in _ABSENT and "Key" in options:
            return NotStored(f"nothing is stored under {options['Key']}")
        if status in (409, 429) or status >= 500:
            return _Unclear(error)
        return StoreUnavailable(f"bucket {self._bucket}: {code} (status {status})")

    def _name(self, key: str) -> str:
        return self._prefix + check_key(key)

    def _repeated(self, request: Callable[[], T]) -> T:
        """Until it is answered, with growing pauses; StoreUnavailable if it never is."""
        pause = _FIRST_PAUSE_SECONDS
        for _ in range(ATTEMPTS - 1):
            try:
                return request()
            except _Unclear:
                time.sleep(pause)
                pause *= 2
        try:
            return request()
        except _Unclear as error:
            raise StoreUnavailable(f"bucket {self._bucket} does not answer: {error}") from error


def connect(bucket: str, prefix: str, endpoint: str | None, region: str | None) -> S3Store:
    """The store in a bucket. Nothing is sent yet; the bucket must exist."""
    config = Config(
        retries={"total_max_attempts": 1},
        s3={"addressing_style": "path"} if endpoint else {},
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        max_pool_connections=32,
    )
    try:
        session = boto3.session.Session()
        client = session.client(
            "s3", endpoint_url=endpoint, region_name=region or "us-east-1", config=config
        )
    except (BotoCoreError, ValueError) as error:
        raise StoreUnavailable(f"cannot reach bucket {bucket}: {error}") from None
    return S3Store(client, bucket, prefix)
