"""How stores that speak S3 differ in the words that a ledger depends on. Pure tables.

    dialect     create only if absent            "it exists"            replace only if equal
    aws         If-None-Match: *                 412                    If-Match
    oss         x-oss-forbid-overwrite: true     409 FileAlreadyExists  nothing

`aws` is Amazon's own and that of MinIO, SeaweedFS, Ceph and most others. There 409 means that
another request was in flight, so nothing is known; some (CoreWeave) answer it for a race that
is lost. Either way the writer looks what is stored, so both are safe.

`oss` is Aliyun OSS through its S3 interface: buckets in the host name only, no `aws-chunked`
bodies, Content-MD5 as the checksum. It has no conditional replacement; see s3.py for how a
pointer moves there. OSS ignores the header in buckets with versioning, which probe.py finds.

Sources: Amazon S3 API, PutObject; Alibaba Cloud, "Prevent objects from being overwritten by
objects that have the same names", "HTTP status code 409" and "Use AWS SDKs to access OSS".
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from io import BufferedReader
from typing import Literal


class Meaning(Enum):
    """What an answer that is an error says about the request."""

    CONDITION_FAILED = auto()  # not carried out: the key is in another state than asked for
    ABSENT = auto()  # there is no such object
    PAST_END = auto()  # the range begins behind the last byte
    DAMAGED = auto()  # not carried out: the body is not what its checksum says
    UNCLEAR = auto()  # it may have been carried out, or may still be; repeating may help
    REFUSED = auto()  # the server does not want or does not know this, now or later


@dataclass(frozen=True)
class Dialect:
    """One row of the table above."""

    name: str
    create_header: tuple[str, str]
    replaces: bool
    checksum: Literal["ChecksumSHA256", "ContentMD5"]  # the option of PutObject
    addressing: Literal["auto", "path", "virtual"]
    exists: frozenset[str] = frozenset()  # error codes, beside status 412

    def digest(self, body: bytes | BufferedReader) -> str:
        """The checksum of a body, as the option takes it; a file is read and rewound."""
        if isinstance(body, bytes):
            found = self._hash(body)
        else:
            found = hashlib.file_digest(body, self._hash)
            body.seek(0)
        return base64.b64encode(found.digest()).decode("ascii")

    def _hash(self, content: bytes = b"") -> hashlib._Hash:
        if self.checksum == "ContentMD5":  # against accidents on the way, not against people
            return hashlib.md5(content, usedforsecurity=False)
        return hashlib.sha256(content)

    def meaning(self, status: int, code: str) -> Meaning:
        """What an error says, by its HTTP status and S3 code."""
        if status == 412 or code in self.exists or code in ("412", "PreconditionFailed"):
            return Meaning.CONDITION_FAILED
        if code in _BY_CODE:
            return _BY_CODE[code]
        if status in _AGAIN or (status >= 500 and status != _UNKNOWN_REQUEST):
            return Meaning.UNCLEAR
        return Meaning.REFUSED


_UNKNOWN_REQUEST = 501
# Timed out while the body was sent; in conflict with another request; too many of them.
_AGAIN = frozenset({408, 409, 429})
_BY_CODE: Mapping[str, Meaning] = {
    "404": Meaning.ABSENT,  # the answer to HEAD has no body that could hold a code
    "NotFound": Meaning.ABSENT,
    "NoSuchKey": Meaning.ABSENT,
    "NoSuchVersion": Meaning.ABSENT,
    "416": Meaning.PAST_END,
    "InvalidRange": Meaning.PAST_END,
    "BadDigest": Meaning.DAMAGED,
    "InvalidDigest": Meaning.DAMAGED,
    "XAmzContentSHA256Mismatch": Meaning.DAMAGED,
    "XAmzContentChecksumMismatch": Meaning.DAMAGED,
    "IncompleteBody": Meaning.UNCLEAR,
    "RequestTimeout": Meaning.UNCLEAR,
}

AWS = Dialect("aws", ("If-None-Match", "*"), True, "ChecksumSHA256", "auto")
OSS = Dialect(
    "oss",
    ("x-oss-forbid-overwrite", "true"),
    False,
    "ContentMD5",
    "virtual",
    frozenset({"FileAlreadyExists"}),
)
DIALECTS: Mapping[str, Dialect] = {dialect.name: dialect for dialect in (AWS, OSS)}
