"""The simulator's own log, asked for over its admin pages. A real provider has none; its bills are
what can be held against the record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from portal.config import Config
from portal.invariants.provider_log import Asked, GivenBack, Moved, ProvidersLog

SECONDS = 30.0
SUBMIT, RETURN, PAID, TO_SHOP = "SUBMIT", "RETURN", "SUCCESS", "MERCHANT_BANKCARD"


@dataclass(frozen=True)
class SimulatorLog:
    """Reads everything anew at each question. `open` gives a client, `base` is the admin's."""

    open: Callable[[], httpx.Client]
    base: str

    def asked(self) -> Iterator[Asked]:
        """Every request for money that it received, also those it refused or dropped."""
        yield from self._asked(SUBMIT)

    def moved(self) -> Iterator[Moved]:
        """What it did; what it closed, took back, could not pay out or gave to the shop does not
        stand."""
        for line in self._get("moves", "moves"):
            stands = line["state"] == PAID and line["route"] != TO_SHOP
            yield Moved(line["provider"], line["number"], line["amount_fen"], stands)

    def given_back(self) -> Iterator[GivenBack]:
        """What it took from shops' accounts of what was advanced."""
        for line in self._get("returned", "returned"):
            yield GivenBack(line["provider"], line["number"], line["amount_fen"])

    def asked_back(self) -> Iterator[Asked]:
        """Every request for that."""
        yield from self._asked(RETURN)

    def _asked(self, kind: str) -> Iterator[Asked]:
        for line in self._get("log", "requests"):
            if line["kind"] == kind:
                yield Asked(line["provider"], line["number"], line["applied"])

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
