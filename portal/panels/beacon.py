"""Public randomness in the seed of a draw: one round of a drand chain, named before it exists.

    MINGAN_BEACON=https://HOST/<chain hash>    an address of drand's HTTP interface
    GET <address>/info             {"hash", "period", "genesis_time", ...}
    GET <address>/public/<round>   {"round", "randomness", "signature"}

PANEL_CALLED names `<chain hash>/<round>` while that round lies in the future, and the round's
signature becomes a part of the seed. So nobody, not the operator with all its witnesses either,
can try seeds until it likes one. The signature is held against its own digest here; that the
chain's key made it can be checked with any drand client, from the record, for ever.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from ledger import LedgerError
from ledger.mirroring.http_get import Website
from portal.errors import NotReady
from portal.errors import sentence as _

LEAD_SECONDS = 30  # so much later than the call its round begins at the earliest
MOST_BYTES = 10_000
SECONDS = 5.0


def now() -> datetime:
    """The world's own time: a rehearsal's clock moves, a chain does not."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Beacon:
    """The chain behind an address. Every failure is NotReady: the draw waits and is tried again."""

    url: str
    now: Callable[[], datetime] = now

    def coming(self) -> str:
        """Chain and number of the first round that nobody can know yet, for PANEL_CALLED."""
        later = int(self.now().timestamp()) + LEAD_SECONDS - self._info["genesis_time"]
        return f"{self._info['hash']}/{later // self._info['period'] + 2}"

    def signature(self, named: str) -> bytes:
        """What a named round brought, for the seed."""
        chain, _slash, number = named.partition("/")
        if chain != self._info["hash"]:
            raise NotReady(_("抽签要用的公共随机数链 %(chain)s 没有配置"), chain=chain)
        pulse = self._get(f"public/{number}")
        try:
            signature = bytes.fromhex(pulse["signature"])
            sound = hashlib.sha256(signature).hexdigest() == pulse["randomness"]
        except (KeyError, TypeError, ValueError):
            sound = False
        if not sound or pulse.get("round") != int(number):
            raise _away(named)
        return signature

    @cached_property
    def _info(self) -> dict[str, Any]:
        info = self._get("info")
        numbers = (info.get("period"), info.get("genesis_time"))
        if info.get("hash") != self.url.rpartition("/")[2] or not all(map(_is_time, numbers)):
            raise _away(self.url.rpartition("/")[2])
        return info

    def _get(self, name: str) -> dict[str, Any]:
        try:
            with Website(self.url, SECONDS) as website:
                answer = json.loads(website.get(name, MOST_BYTES))
        except (LedgerError, ValueError, RecursionError):
            raise _away(name) from None
        if not isinstance(answer, dict):
            raise _away(name)
        return answer


def _is_time(value: object) -> bool:
    return type(value) is int and value > 0


def _away(what: str) -> NotReady:
    return NotReady(_("在等公共随机数：%(what)s"), what=what)
