"""A portal of one's own for one play: a temporary folder, a free port, ended by its own number."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from portal.rehearsal.failures import PlayFailed
from portal.speech import words

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90.0
STOP_SECONDS = 20.0


@dataclass(frozen=True)
class OwnServer:
    url: str
    home: Path


@contextmanager
def own_server() -> Iterator[OwnServer]:
    """A rehearsal on the loopback address; gone, with its folder, when the block ends."""
    with tempfile.TemporaryDirectory(prefix="mingan-play-") as folder:
        home, port = Path(folder), _free_port()
        server = OwnServer(f"http://127.0.0.1:{port}", home)
        with (home / "server.log").open("wb") as log:
            process = _start(home, port, log.fileno())
        try:
            _wait(server, process)
            yield server
        finally:
            _stop(process)


def _start(home: Path, port: int, log: int) -> subprocess.Popen[bytes]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MINGAN_")}
    environ |= {"MINGAN_HOME": str(home), "MINGAN_PORT": str(port), "MINGAN_REHEARSAL": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "portal", "serve", "--init"],
        cwd=ROOT,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
    )


def _wait(server: OwnServer, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"{server.url}/health", timeout=5).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    tail = (server.home / "server.log").read_text(errors="replace")[-2000:]
    raise PlayFailed(words("明案没有启动：\n", "the portal did not start:\n") + tail)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
