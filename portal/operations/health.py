"""Is everything there that the portal stands on? Asked by machines every few seconds."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from ledger import LedgerError
from portal.house import House

PATIENCE_SECONDS = 2.0

# A store that hangs holds these threads, not those that serve people; more askers wait in line
# and are told "no" as well.
_ASKING = ThreadPoolExecutor(max_workers=4, thread_name_prefix="health")


@dataclass(frozen=True)
class Health:
    """Sizes are numbers of entries: recorded, held by the rows, published; None: no answer."""

    recorded: int | None
    projected: int | None
    published: int | None

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
    def behind(self) -> int:
        """Entries that the rows do not hold yet."""
        return max(0, (self.recorded or 0) - (self.projected or 0))


def examine(house: House) -> Health:
    """Ask store and database, each for at most two seconds."""
    published = _ASKING.submit(_quietly, lambda: _published(house))
    projected = _ASKING.submit(_quietly, house.projection.size)
    return Health(house.log.size, _answer(projected), _answer(published))


def _published(house: House) -> int:
    newest = house.log.latest()
    return newest.size if newest else 0


def _quietly(ask: Callable[[], int]) -> int | None:
    try:
        return ask()
    except (LedgerError, SQLAlchemyError, OSError):
        return None


def _answer(asked: Future[int | None]) -> int | None:
    try:
        return asked.result(timeout=PATIENCE_SECONDS)
    except TooSlow:
        return None
