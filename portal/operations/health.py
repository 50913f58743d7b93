"""Is everything there that the portal stands on? Asked by machines every few seconds."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from ledger import LedgerError
from ledger.witnessing.witnesses import WitnessStanding
from portal.audit.vouching import Cosigned, Vouched, vouched
from portal.house import House

PATIENCE_SECONDS = 2.0
Asked = TypeVar("Asked")

# A store that hangs holds these threads, not those that serve people; more askers wait in line
# and are told "no" as well.
_ASKING = ThreadPoolExecutor(max_workers=4, thread_name_prefix="health")


@dataclass(frozen=True)
class WitnessHealth:
    """Up to which entry a witness signed last, when, and why it failed after that, if it did."""

    name: str
    size: int | None
    at: datetime | None
    error: str | None


@dataclass(frozen=True)
class Outside:
    """Those who vouch for checkpoints. `required`: without their quorum nothing is published;
    `stamps`: a time-stamping authority is asked, and `stamp_error` says why it failed."""

    witnesses: tuple[WitnessHealth, ...] = ()
    required: bool = False
    stamps: bool = False
    stamped_at: datetime | None = None
    stamp_error: str | None = None


@dataclass(frozen=True)
class Health:
    """Sizes are numbers of entries: recorded, held by the rows, published; None: no answer."""

    recorded: int | None
    projected: int | None
    published: int | None
    outside: Outside

    @property
    def store(self) -> bool:
        return self.published is not None

    @property
    def database(self) -> bool:
        return self.projected is not None

    @property
    def ok(self) -> bool:
        return self.store and self.database

    @property
    def waits(self) -> bool:
        """Nothing is published because required witnesses are away."""
        failing = any(each.error for each in self.outside.witnesses)
        unpublished = (self.recorded or 0) > (self.published or 0)
        return self.outside.required and failing and unpublished

    @property
    def behind(self) -> int:
        """Entries that the rows do not hold yet."""
        return max(0, (self.recorded or 0) - (self.projected or 0))


def vouching(witness: WitnessHealth) -> dict[str, object]:
    """What everybody may know of a witness; the operator alone reads why it failed."""
    at = witness.at.isoformat() if witness.at else None
    return {"name": witness.name, "size": witness.size, "at": at, "ok": witness.error is None}


def examine(house: House) -> Health:
    """Ask store and database, each for at most two seconds."""
    newest = _ASKING.submit(_quietly, lambda: vouched(house.log))
    projected = _ASKING.submit(_quietly, house.projection.size)
    found = _answer(newest)
    published = found.size if found else None
    return Health(house.log.size, _answer(projected), published, _outside(house, found))


def _outside(house: House, newest: Vouched | None) -> Outside:
    """What this process was told, and what the newest checkpoint shows of others' doing."""
    asked = house.log.witnesses
    signed = {each.name: each for each in newest.witnesses} if newest else {}
    return Outside(
        tuple(_witness(each, signed.get(each.name)) for each in asked.standing()) if asked else (),
        required=asked.required if asked else False,
        stamps=house.config.tsa_url is not None,
        stamped_at=newest.stamped_at if newest else None,
        stamp_error=house.log.stamp_error,
    )


def _witness(standing: WitnessStanding, shown: Cosigned | None) -> WitnessHealth:
    at = datetime.fromtimestamp(standing.at, UTC) if standing.at else None
    if shown is not None and shown.size >= (standing.size or 0):
        return WitnessHealth(standing.name, shown.size, shown.at, standing.error)
    return WitnessHealth(standing.name, standing.size, at, standing.error)


def _quietly(ask: Callable[[], Asked]) -> Asked | None:
    try:
        return ask()
    except (LedgerError, SQLAlchemyError, OSError):
        return None


def _answer(asked: Future[Asked | None]) -> Asked | None:
    try:
        return asked.result(timeout=PATIENCE_SECONDS)
    except TooSlow:
        return None
