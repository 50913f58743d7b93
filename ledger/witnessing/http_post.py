"""Asking a stranger's server: one POST, one bounded answer, no surprises.

Witnesses and time-stamping authorities may be slow, broken or hostile. So: only http and https,
no redirects, an answer of at most so many bytes, and an end in time even when the bytes trickle.
"""

from __future__ import annotations

from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from urllib.parse import urlsplit
from urllib.request import HTTPErrorProcessor, HTTPHandler, HTTPSHandler, Request, build_opener

from ledger.errors import Unreachable
from ledger.timely import TimelyConnection, TimelySecureConnection


@dataclass(frozen=True)
class Answer:
    """Any HTTP answer, also a refusal; `content_type` without parameters, in lower case."""

    status: int
    content_type: str
    body: bytes


class _EveryStatus(HTTPErrorProcessor):
    """Hands over each answer as it is; so no handler sees a redirect and follows it."""

    def http_response(self, request: Request, response: HTTPResponse) -> HTTPResponse:
        return response

    https_response = http_response


class _InTime(HTTPHandler):
    def http_open(self, request: Request) -> HTTPResponse:
        return self.do_open(TimelyConnection, request)


class _InTimeSecure(HTTPSHandler):
    def https_open(self, request: Request) -> HTTPResponse:
        return self.do_open(TimelySecureConnection, request)


_OPENER = build_opener(_EveryStatus, _InTime, _InTimeSecure)


def check_url(url: str) -> None:
    """ValueError unless this is an address that can be asked."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isascii():
        raise ValueError(f"not an http or https address: {url[:200]!r}")


def post(url: str, body: bytes, content_type: str, *, seconds: float, most: int) -> Answer:
    """The server's answer within `seconds` and `most` bytes; Unreachable otherwise."""
    check_url(url)
    headers = {"Content-Type": content_type, "User-Agent": "mingan-ledger"}
    request = Request(url, data=body, headers=headers, method="POST")  # noqa: S310 - checked
    try:
        with _OPENER.open(request, timeout=max(seconds, 0.001)) as response:
            content = _read(response, most)
            return Answer(response.status, response.headers.get_content_type(), content)
    except (OSError, HTTPException, ValueError) as error:
        raise Unreachable(f"{url} did not answer: {_reason(error)}") from None


def _read(response: HTTPResponse, most: int) -> bytes:
    content = b""
    while chunk := response.read1(most + 1 - len(content)):
        content += chunk
        if len(content) > most:
            raise ValueError(f"more than {most} bytes")
    return content


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", error)  # URLError wraps what really happened
    return str(reason) or type(reason).__name__
