"""One bucket of S3, or of what speaks its language: single requests, and what they mean.

Each method sends one request once. What the SDK raises ends here and becomes, all of them
kinds of StoreUnavailable so that none can leave the package as a stranger,

    Unclear        no answer, or one that says nothing: it may have been carried out
    Damaged        a body that did not arrive as it was sent, and was not stored
    Spoiled        a body that came back other than its checksum says
    Refused        a conditional write met another state than it asked for
    PastEnd        a range begins behind the last byte
    NotStored, StoreUnavailable    as everywhere

The SDK must not repeat by itself: it would report 412 for its own success. Its option
`max_attempts: 1` still sends twice, only `total_max_attempts: 1` sends once. The checksum of
a body is sent as a header and not, as the SDK would over https, behind a body in
`aws-chunked` pieces, which several servers do not read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BufferedReader
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    FlexibleChecksumError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
)
from botocore.parsers import ResponseParserError

from ledger.errors import NotStored, StoreUnavailable
from ledger.stores.dialects import AWS, Dialect, Meaning
from ledger.stores.retention import BucketLock, Retention

# Slower answers than these are treated as none.
_CONNECT_SECONDS = 5
_READ_SECONDS = 30
_CONNECTIONS = 32
_NO_LOCK = frozenset({"ObjectLockConfigurationNotFoundError", "NoSuchObjectLockConfiguration"})
# Whoever answers these has never heard of versions or locks, and so has none.
_UNKNOWN_REQUEST = frozenset({405, 501})
_HOPELESS = (NoCredentialsError, PartialCredentialsError, ParamValidationError)


class Unclear(StoreUnavailable):
    """A request failed in a way that repeating may mend; it may have been carried out."""


class Damaged(Unclear):
    """The body did not arrive as it was sent, and was not stored."""


class Spoiled(Unclear):
    """The body that was read is not what the store itself says its checksum is."""


class Refused(StoreUnavailable):
    """A conditional write met another state than it asked for."""


class PastEnd(StoreUnavailable):
    """A range that begins behind the last byte."""


class _Unknown(StoreUnavailable):
    """The server does not know this kind of request."""


@dataclass(frozen=True)
class Version:
    """One version of an object; `deleted` if it is a marker that says so."""

    name: str
    id: str
    deleted: bool
    newest: bool


class Bucket:
    """Requests to one bucket. Object names are whole here, with the store's prefix."""

    def __init__(self, client: Any, name: str, dialect: Dialect = AWS) -> None:
        """`client` is a boto3 client that makes one attempt per request (see `new_client`)."""
        self._client = client
        self.name = name
        self.dialect = dialect
        # The same handler twice is one: several stores may share a client.
        client.meta.events.register(
            "before-call.s3.PutObject", self._translate, unique_id=f"dialect-{dialect.name}"
        )

    def create(
        self,
        name: str,
        body: bytes | BufferedReader,
        digest: str,
        retention: Retention | None = None,
    ) -> None:
        """Refused if the name exists."""
        self._put(name, body, digest, {"IfNoneMatch": "*", **_locked(retention)})

    def replace(self, name: str, body: bytes, tag: str) -> None:
        """Refused or NotStored unless the present object has this tag."""
        self._put(name, body, self.dialect.digest(body), {"IfMatch": tag})

    def overwrite(self, name: str, body: bytes) -> None:
        """Whatever is there."""
        self._put(name, body, self.dialect.digest(body), {})

    def fetch(self, name: str, **options: str) -> tuple[bytes, str]:
        """An object, or the part that the option Range names, and its tag."""
        answer = self._call("get_object", Key=name, **options)
        try:
            return answer["Body"].read(), str(answer.get("ETag", ""))
        except FlexibleChecksumError as error:
            raise Spoiled(error) from error
        except (BotoCoreError, OSError) as error:
            raise Unclear(error) from error

    def length(self, name: str) -> int:
        try:
            length = self._call("head_object", Key=name).get("ContentLength")
        except NotStored:
            self._call("head_bucket")  # HEAD says the same of a bucket that is missing
            raise
        if length is None:
            raise Unclear(f"no length of {name}")
        return int(length)

    def list_names(self, prefix: str, **place: str) -> tuple[tuple[str, ...], dict[str, str]]:
        """Names in ASCII order, and where the next page begins: nothing at the end."""
        page = self._call("list_objects_v2", Prefix=prefix, **place)
        names = tuple(str(each["Key"]) for each in page.get("Contents", ()))
        token = page.get("NextContinuationToken")
        return names, {"ContinuationToken": str(token)} if token else {}

    def list_versions(self, prefix: str, **place: str) -> tuple[list[Version], dict[str, str]]:
        """Versions by the order of their names, and where the next page begins."""
        try:
            page = self._call("list_object_versions", Prefix=prefix, **place)
        except _Unknown:
            return [], {}
        return sorted(_versions(page), key=lambda each: each.name), _next_version(page)

    def delete(self, name: str, version: str = "") -> None:
        """Remove an object, or one version of it for ever."""
        self._call("delete_object", Key=name, **({"VersionId": version} if version else {}))

    def keeps_versions(self) -> bool:
        """Whether an object that is deleted may still have versions; True if nobody can tell."""
        try:
            answer = self._call("get_bucket_versioning")
        except (_Unknown, NotStored):
            return True
        return answer.get("Status") in ("Enabled", "Suspended")

    def lock(self) -> BucketLock:
        """What the bucket says about Object Lock."""
        try:
            answer = self._call("get_object_lock_configuration")
        except _Unknown:
            return BucketLock.NONE
        found = answer.get("ObjectLockConfiguration") or {}
        if found.get("Rule"):
            return BucketLock.BY_DEFAULT
        enabled = found.get("ObjectLockEnabled") == "Enabled"
        return BucketLock.ENABLED if enabled else BucketLock.NONE

    def _put(self, name: str, body: bytes | BufferedReader, digest: str, options: Any) -> None:
        if not isinstance(body, bytes):
            body.seek(0)
        checksum = {self.dialect.checksum: digest}
        self._call("put_object", Key=name, Body=body, **checksum, **options)

    def _translate(self, params: dict[str, Any], **_: Any) -> None:
        """Say "create only if absent" in the words of this dialect."""
        if params["headers"].pop("If-None-Match", None) is not None:
            header, value = self.dialect.create_header
            params["headers"][header] = value

    def _call(self, operation: str, **options: Any) -> Any:
        try:
            return getattr(self._client, operation)(Bucket=self.name, **options)
        except ClientError as error:
            raise self._meaning(error, operation, options) from error
        except _HOPELESS as error:
            raise StoreUnavailable(f"bucket {self.name}: {error}") from error
        except (BotoCoreError, ResponseParserError, OSError) as error:
            raise Unclear(error) from error

    def _meaning(self, error: ClientError, operation: str, options: Mapping[str, Any]) -> Exception:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        meaning = self.dialect.meaning(status, code)
        if meaning is Meaning.ABSENT and "Key" in options:
            return NotStored(f"nothing is stored under {options['Key']}")
        if meaning in _RAISED:
            return _RAISED[meaning](error)
        kind = _Unknown if status in _UNKNOWN_REQUEST or code in _NO_LOCK else StoreUnavailable
        return kind(f"bucket {self.name}: {operation} is refused: {code} (status {status})")


_RAISED: Mapping[Meaning, type[StoreUnavailable]] = {
    Meaning.CONDITION_FAILED: Refused,
    Meaning.PAST_END: PastEnd,
    Meaning.DAMAGED: Damaged,
    Meaning.UNCLEAR: Unclear,
}


def new_client(bucket: str, endpoint: str | None, region: str | None, dialect: Dialect) -> Any:
    """A boto3 client that makes one attempt per request. Nothing is sent yet."""
    own = endpoint or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    addressing = "path" if own and dialect.addressing == "auto" else dialect.addressing
    config = Config(
        retries={"total_max_attempts": 1},
        s3={"addressing_style": addressing},
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        max_pool_connections=_CONNECTIONS,
        request_checksum_calculation="when_required",
    )
    try:
        session = boto3.session.Session()
        region = region or session.region_name or "us-east-1"
        return session.client("s3", endpoint_url=endpoint, region_name=region, config=config)
    except (BotoCoreError, ValueError) as error:
        raise StoreUnavailable(f"cannot reach bucket {bucket}: {error}") from None


def _locked(retention: Retention | None) -> dict[str, Any]:
    if retention is None:
        return {}
    until = retention.until(datetime.now(UTC))
    return {"ObjectLockMode": retention.mode, "ObjectLockRetainUntilDate": until}


def _versions(page: Mapping[str, Any]) -> Iterator[Version]:
    for kind in ("Versions", "DeleteMarkers"):
        for each in page.get(kind, ()):
            deleted = kind == "DeleteMarkers"
            yield Version(each["Key"], each["VersionId"], deleted, bool(each["IsLatest"]))


def _next_version(page: Mapping[str, Any]) -> dict[str, str]:
    if not page.get("IsTruncated"):
        return {}
    options = (("KeyMarker", "NextKeyMarker"), ("VersionIdMarker", "NextVersionIdMarker"))
    return {option: str(page[found]) for option, found in options if found in page}
