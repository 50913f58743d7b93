"""Trusted time (RFC 3161): an authority signs that these bytes existed at its clock's time.

What is kept is the authority's whole answer (TimeStampResp, DER), because that is what others
read too. For the bytes in `checkpoint`, the answer in `checkpoint.tsr` and the authority's root
certificate in `root.pem`:

    openssl ts -verify -data checkpoint -in checkpoint.tsr -CAfile root.pem

One stamp over a checkpoint covers every entry below its size: the root fixes them all.

Threats. The authority only sees a SHA-256, so it learns nothing. A fresh nonce keeps an old answer
from being passed off as new. Without the authority's root certificate only the form is checked:
then a stamp proves nothing to anybody who did not watch it being made.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client import VerificationError as Refused

from ledger.errors import Unreachable, VerificationError
from ledger.witnessing.http_post import check_url, post

_SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
_LONGEST_ANSWER = 65_536
_GRANTED = 0


class Stamper:
    """Asks one authority. Safe for threads; keeps nothing."""

    def __init__(
        self, url: str, seconds: float = 5.0, roots: Iterable[x509.Certificate] = ()
    ) -> None:
        """With root certificates an answer is verified in full before it is kept."""
        check_url(url)
        self.url = url
        self._seconds = seconds
        self._roots = tuple(roots)

    def stamp(self, content: bytes) -> bytes:
        """The authority's answer (DER) for these bytes.

        Unreachable if none came in time, VerificationError if it is a refusal or about
        something else.
        """
        request = TimestampRequestBuilder(data=content).hash_algorithm(HashAlgorithm.SHA256).build()
        answer = post(
            self.url,
            request.as_bytes(),
            "application/timestamp-query",
            seconds=self._seconds,
            most=_LONGEST_ANSWER,
        )
        if answer.status != 200 or answer.content_type != "application/timestamp-reply":
            raise Unreachable(f"{self.url} answered {answer.status} {answer.content_type}")
        if _decode(content, answer.body).tst_info.nonce != request.nonce:
            raise VerificationError(f"{self.url} answered another question")
        if self._roots:
            verify(content, answer.body, self._roots)
        return answer.body


def stated_time(content: bytes, response: bytes) -> datetime:
    """The time that a stamp of these bytes states; whether by an authority is not checked."""
    return _decode(content, response).tst_info.gen_time


def verify(content: bytes, response: bytes, roots: Iterable[x509.Certificate]) -> datetime:
    """The time at which an authority under one of these roots saw these bytes.

    VerificationError for any other bytes, answer or authority. Certificates count as they stood
    at the stated time: an authority's key that expired since does not spoil old stamps.
    """
    decoded, roots = _decode(content, response), list(roots)
    # All at once, for a file that holds intermediates too; then one by one, because openssl
    # looks at one certificate alone of several that bear the same name.
    for trusted in (roots, *([root] for root in roots)):
        if _is_signed_under(trusted, decoded, content):
            return decoded.tst_info.gen_time
    raise VerificationError("the time stamp is not signed by an authority under a trusted root")


def load_roots(pem: bytes) -> tuple[x509.Certificate, ...]:
    """The certificates in a PEM file; VerificationError if there is none."""
    try:
        return tuple(x509.load_pem_x509_certificates(pem))
    except ValueError:
        raise VerificationError("not a PEM file with certificates") from None


def _is_signed_under(
    roots: list[x509.Certificate], decoded: TimeStampResponse, content: bytes
) -> bool:
    try:
        return VerifierBuilder(roots=roots).build().verify_message(decoded, content)
    except (Refused, ValueError):
        return False


def _decode(content: bytes, response: bytes) -> TimeStampResponse:
    try:
        decoded = decode_timestamp_response(response)
        granted, imprint = decoded.status == _GRANTED, decoded.tst_info.message_imprint
    except ValueError:
        raise VerificationError("not an answer of a time-stamping authority") from None
    if not granted:
        raise VerificationError("the authority refused to stamp")
    if (imprint.hash_algorithm, imprint.message) != (_SHA256, sha256(content).digest()):
        raise VerificationError("the time stamp is of other bytes")
    return decoded
