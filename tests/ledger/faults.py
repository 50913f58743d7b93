"""Faults between boto3 and a server, at chosen requests.

botocore's public event `before-send` sees every attempt of every request and may answer in
the network's place, or let the request through and lose the answer. What is raised is
botocore's own, so the code under test sees what it would see. A fault that is a number is an
answer with that status.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import (
    ConnectionClosedError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from botocore.httpsession import URLLib3Session

# The request is not carried out.
NOT_DONE = ("refused", "timeout", "500", "503", "409", "412")
# It is, but the answer does not say so.
DONE = ("lost", "reset", "500 after", "twice")
# The answer's body ends too early, or is not what it should be at all.
SPOILED = ("cut", "nonsense")
_CODES = {
    "409": "ConditionalRequestConflict",
    "412": "PreconditionFailed",
    "500": "InternalError",
    "503": "SlowDown",
}


class Faults:
    """Registered on a client; `plan` maps (operation, how manieth from now) to a fault."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._http = URLLib3Session(timeout=120)
        self._plan: Mapping[tuple[str, int], str] = {}
        self._seen: Counter[str] = Counter()
        client.meta.events.register("before-send.s3", self)

    def plan(self, faults: Mapping[tuple[str, int], str]) -> None:
        self._plan = faults
        self._seen.clear()

    def always(self, operation: str, fault: str) -> None:
        self.plan({(operation, number): fault for number in range(1, 1000)})

    def made(self, operation: str) -> int:
        """How many requests of this kind were made under the present plan."""
        return self._seen[operation]

    def close(self) -> None:
        self._client.meta.events.unregister("before-send.s3", self)
        self._http.close()

    def __call__(self, request: Any, event_name: str, **_: Any) -> AWSResponse | None:
        operation = event_name.rpartition(".")[2]
        self._seen[operation] += 1
        fault = self._plan.get((operation, self._seen[operation]))
        if fault is None:
            return None
        if fault in NOT_DONE or fault.isdecimal():
            return _fail(request.url, fault)
        answer = self._http.send(request)
        _ = answer.content  # read to its end, so that the connection is free again
        if fault in SPOILED:
            return _spoil(answer, fault)
        if fault == "twice":  # delivered a second time: the second answer is the one seen
            if hasattr(request.body, "seek"):
                request.body.seek(0)
            return self._http.send(request)
        return _fail(request.url, fault.removesuffix(" after"))


def _spoil(answer: Any, fault: str) -> AWSResponse:
    content = answer.content[: len(answer.content) // 2] if fault == "cut" else b"<<\xff"
    return AWSResponse(answer.url, answer.status_code, answer.headers, _Raw(content))


def _fail(url: str, fault: str) -> AWSResponse:
    if fault == "refused":
        raise EndpointConnectionError(endpoint_url=url)
    if fault in ("timeout", "lost"):
        raise ReadTimeoutError(endpoint_url=url)
    if fault == "reset":
        raise ConnectionClosedError(endpoint_url=url)
    code = _CODES.get(fault, f"Status{fault}")
    body = f"<Error><Code>{code}</Code><Message>on purpose</Message></Error>".encode()
    return AWSResponse(url, int(fault), {"Content-Type": "application/xml"}, _Raw(body))


class _Raw:
    """As much of urllib3's response as botocore reads."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self._content

    def read(self, *_: Any, **__: Any) -> bytes:
        content, self._content = self._content, b""
        return content


@pytest.fixture
def faults(client: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Faults]:
    monkeypatch.setattr("ledger.stores.s3._FIRST_PAUSE_SECONDS", 0.001)
    faults = Faults(client)
    yield faults
    faults.close()
