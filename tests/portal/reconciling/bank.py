"""A house that has paid, and bills about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from apiflask import APIFlask
from sqlalchemy import select

from portal.events import Reconciled
from portal.house import House
from portal.monitors.tables import ItemRow
from portal.reconciling.daily import reconcile_day
from portal.reconciling.tables import DifferenceRow
from tests.portal.reconciling.bills import Counter, Row, wechat_bill
from tests.portal.refunds.ordering import FEN

NUMBERS = ("RMA2026000001n1a1", "RMA2026000002n1a1")
STRANGER = "=HYPERLINK(1)"


@dataclass(frozen=True)
class Bank:
    """A house that has paid two refunds on `day`, two days ago, and a counter for bills."""

    app: APIFlask
    house: House
    day: date
    counter: Counter

    def run(self, *rows: Row, total_fen: int | None = None) -> Reconciled:
        self.counter.content = wechat_bill(rows, total_fen)
        found = reconcile_day(self.house, self.counter, self.day)  # type: ignore[arg-type]
        assert found is not None
        return found

    def open_differences(self) -> list[tuple[str, str]]:
        with self.house.sessions() as session:
            query = select(DifferenceRow).where(
                DifferenceRow.gone_at.is_(None), DifferenceRow.provider == "wechat"
            )
            return sorted((row.kind, row.number) for row in session.scalars(query))

    def open_items(self) -> set[tuple[str, str]]:
        with self.house.sessions() as session:
            query = select(ItemRow).where(ItemRow.open_key.is_not(None))
            return {(row.kind, row.subject) for row in session.scalars(query)}


def whole(*more: Row) -> tuple[Row, ...]:
    return (*(Row(number, FEN) for number in NUMBERS), *more)
