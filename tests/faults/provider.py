"""The simulator of a trial, over its admin pages: what it is told to do wrong, what it has done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from portal.clock import Clock
from portal.simulator.app import create_simulator

NOW = Clock().now
BASE = "http://simulator.invalid/simulator"


@dataclass(frozen=True)
class Provider:
    """`client` speaks to the simulator, in this process or over HTTP."""

    client: httpx.Client
    base: str = BASE

    @classmethod
    def inside(cls, home: Path, now: Callable[[], datetime] = NOW) -> Provider:
        """The simulator that lies in a house's own folder."""
        app = create_simulator(home / "simulator", now)
        return cls(httpx.Client(transport=httpx.WSGITransport(app=app)))

    def be(self, *, idempotent: bool) -> None:
        self._post("mode", idempotent=idempotent)

    def fail(self, kind: str, *, times: int = 1, provider: str = "wechat", **more: Any) -> None:
        self._post("faults", provider=provider, kind=kind, times=times, **more)

    def heal(self) -> None:
        self.client.delete(f"{self.base}/faults").raise_for_status()

    def push(self) -> None:
        """Send the notices that are due."""
        self._post("push")

    def moves(self) -> list[dict[str, Any]]:
        """What it really moved."""
        return self._get("moves", "moves")

    def asked(self) -> list[dict[str, Any]]:
        """Requests for money and for what became of it, with the fault that each met."""
        return self._get("log", "requests")

    def notices(self) -> list[dict[str, Any]]:
        """What it has still to send, as it would send it now."""
        return self._get("notices", "notices")

    def _get(self, what: str, field: str) -> list[dict[str, Any]]:
        answer = self.client.get(f"{self.base}/{what}")
        answer.raise_for_status()
        lines: list[dict[str, Any]] = answer.json()[field]
        return lines

    def _post(self, what: str, **fields: Any) -> None:
        self.client.post(f"{self.base}/{what}", json=fields).raise_for_status()
