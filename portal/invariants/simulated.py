"""The simulator's own log, asked for over its admin pages. A real provider has none; its bills are
what can be held against the record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from portal.config import Config
from portal.invariants.provider_log import Asked, Moved, ProvidersLog

SECONDS = 30.0
SUBMIT, PAID, TO_SHOP = "SUBMIT", "SUCCESS", "MERCHANT_BANKCARD"


@dataclass(frozen=True)
class SimulatorLog:
    """Reads everything anew at each question. `open` gives a client, `base` is the admin's."""

    open: Callable[[], httpx.Client]
    base: str

    def asked(self) -> Iterator[Asked]:
        """Every request for money that it received, also those it refused or dropped."""
        for line in self._get("log", "requests"):
            if line["kind"] == SUBMIT:
                yield Asked(line["provider"], line["number"], line["applied"])

    def moved(self) -> Iterator[Moved]:
        """What it did; what it closed, took back, could not pay out or gave to the shop does not
        stand."""
        for line in self._get("moves", "moves"):
            stands = line["state"] == PAID and line["route"] != TO_SHOP
            yield Moved(line["provider"], line["number"], line["amount_fen"], stands)

    def _get(self, what: str, field: str) -> list[dict[str, Any]]:
        with self.open() as client:
            answer = client.get(f"{self.base}/{what}")
            answer.raise_for_status()
            lines: list[dict[str, Any]] = answer.json()[field]
            return lines


def open_log(config: Config, now: Callable[[], datetime]) -> ProvidersLog | None:
    """The log of the simulator that this configuration pays with; None when the money is real."""
    if config.payments is None:
        return SimulatorLog(lambda: httpx.Client(transport=_inside(config, now)), INSIDE)
    if not config.payments.simulated:
        return None
    return SimulatorLog(lambda: httpx.Client(timeout=SECONDS), config.payments.admin)


INSIDE = "http://simulator.invalid/simulator"


def _inside(config: Config, now: Callable[[], datetime]) -> httpx.WSGITransport:
    # Imported late: whoever has real providers needs no simulator.
    from portal.simulator.app import create_simulator

    return httpx.WSGITransport(app=create_simulator(config.folder / "simulator", now))
