"""A served portal that is killed in the middle of a case, and a story that puts up with it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.journeys.cast import Answer
from tests.journeys.story import API, Story

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 240.0


class Served:
    """`mingan serve` in a process group of its own."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.deaths = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        environ = {n: v for n, v in os.environ.items() if not n.startswith("MINGAN_")}
        environ |= {"MINGAN_HOME": str(self._home), "MINGAN_PORT": str(self._port)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "portal", "serve", "--init"],
            cwd=ROOT,
            env=environ | {"MINGAN_REHEARSAL": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._wait_until_healthy()

    def kill(self) -> None:
        """The whole group at once, as a power cut would."""
        process, self._process = self._process, None
        if process is not None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            self.deaths += 1

    def revive(self) -> None:
        if self._process is None:
            self.start()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE_SECONDS)

    def _wait_until_healthy(self) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            try:
                if httpx.get(f"{self.url}/health", timeout=5).is_success:
                    return
            except httpx.HTTPError:
                time.sleep(0.1)
        raise TimeoutError("the portal did not become healthy")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@dataclass
class ServedStory(Story):
    """Sends every step until it is answered. `deaths` says at which steps the portal is killed:
    "during", while the request is under way, or "after" its answer. Duties are the portal's own
    business: the story only waits for them."""

    server: Served | None = None
    deaths: Mapping[str, str] = field(default_factory=dict)

    @property
    def portal(self) -> Served:
        assert self.server is not None, "a served story without a server"
        return self.server

    def step(self, name: str, who: str, method: str, path: str, **request: Any) -> Answer:
        if self.deaths.get(name) == "during":
            threading.Timer(0.015, self.portal.kill).start()
        answer = super().step(name, who, method, path, **request)
        if self.deaths.get(name) == "after":
            self.portal.kill()
        return answer

    def send(self, who: str, method: str, path: str, key: str = "", **request: Any) -> Any:
        assert self.people is not None, "a story without people"
        headers = {"Authorization": f"Bearer {self.people.tokens[who]}", "Idempotency-Key": key}
        if "content_type" in request:
            headers["Content-Type"] = request["content_type"]
        sent = {"content": request.get("data"), "json": request.get("json"), "headers": headers}
        while True:
            try:
                answer = httpx.request(method, self.portal.url + API + path, timeout=60, **sent)
            except httpx.TransportError:
                self.portal.revive()
                continue
            if answer.status_code != 503:
                return answer

    def call(self, who: str, method: str, path: str, key: str = "", **request: Any) -> Answer:
        response = self.send(who, method, path, key, **request)
        assert response.is_success, f"{who} {path}: {response.status_code} {response.text}"
        answer: Answer = response.json()
        return answer

    def keep_up(self) -> None:
        """Wait until people are to act again, or nobody any more."""
        self._wait_while(lambda: bool(self.case.todo))

    def see_paid(self) -> None:
        self._wait_while(lambda: not all(each.is_over for each in self.case.movements))

    def _wait_while(self, is_busy: Callable[[], bool]) -> None:
        self.portal.revive()
        until = time.monotonic() + PATIENCE_SECONDS
        while is_busy():
            assert time.monotonic() < until, f"stuck in {self.case.state}"
            time.sleep(0.25)
