"""Deposits and advances, as shops, platforms and the operator may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select

from portal.access import Actor, Role
from portal.books.accounts import Shop
from portal.books.tables import DepositRow, FundingRow, RecoupRow
from portal.cases.access import of_shop
from portal.database import AnySession
from portal.errors import NotFound
from portal.errors import sentence as _

PAGE = 50


@dataclass(frozen=True)
class Deposit:
    """A shop's deposit. `held_fen` is set aside and not paid yet; `low`: under its floor."""

    platform: str
    shop_id: str
    account: str
    reported_fen: int
    reported_at: datetime | None
    floor_fen: int
    available_fen: int
    short_fen: int
    low: bool


@dataclass(frozen=True)
class Held:
    """What a movement holds of a deposit."""

    refund_no: str
    case_no: str
    deposit_fen: int
    advance_fen: int


@dataclass(frozen=True)
class Recoup:
    """An advance and what came back of it."""

    refund_no: str
    case_no: str
    platform: str
    shop_id: str
    amount_fen: int
    recouped_fen: int
    paid_at: datetime | None
    due_at: datetime | None

    @property
    def outstanding_fen(self) -> int:
        return self.amount_fen - self.recouped_fen


def deposits_of(session: AnySession, actor: Actor, shop_id: str) -> tuple[Deposit, ...]:
    """The deposits of a shop that this actor may see: one for each platform it sells on."""
    if not shop_id.isprintable():  # PostgreSQL knows no NUL, not even in a question
        return ()
    query = select(DepositRow).where(DepositRow.shop_id == shop_id).order_by(DepositRow.platform)
    if not actor.has(Role.OPERATOR):
        if actor.has(Role.PLATFORM):
            query = query.where(DepositRow.platform == actor.platform)
        elif actor.has(Role.MERCHANT) and actor.shop_id == shop_id:
            query = query.where(of_shop(actor, DepositRow))
        else:
            return ()
    return tuple(_deposit(row) for row in session.scalars(query))


def deposit_of(session: AnySession, actor: Actor, shop_id: str, platform: str = "") -> Deposit:
    """One of them, by default the first. Raises NotFound, also for somebody else's shop."""
    found = deposits_of(session, actor, shop_id)
    named = (each for each in found if platform in ("", each.platform))
    deposit = next(named, None)
    if deposit is None:
        raise NotFound(_("没有这家店铺的账目，或者它不是你的店铺"))
    return deposit


def held_of(session: AnySession, shop: Shop) -> tuple[Held, ...]:
    """Movements that hold a part of a shop's deposit now."""
    ours = FundingRow.platform == shop.platform, FundingRow.shop_id == shop.shop_id
    query = select(FundingRow).where(*ours, FundingRow.state == "HELD", FundingRow.deposit_fen > 0)
    rows = session.scalars(query.order_by(FundingRow.refund_no.desc()).limit(PAGE))
    return tuple(Held(r.refund_no, r.case_no, r.deposit_fen, r.advance_fen) for r in rows)


def recoups_of(session: AnySession, shop: Shop) -> tuple[Recoup, ...]:
    """Advances that a shop has not paid back, the first one due first."""
    ours = RecoupRow.shop_id == shop.shop_id, RecoupRow.platform == shop.platform
    query = select(RecoupRow).where(*ours, RecoupRow.open.is_(True))
    return _recoups(session, query.order_by(RecoupRow.due_at, RecoupRow.refund_no).limit(PAGE))


def open_recoups(session: AnySession, after: str = "") -> tuple[Recoup, ...]:
    """All that is outstanding by number; one more than a page shows, if there is one."""
    query = select(RecoupRow).where(RecoupRow.open.is_(True), RecoupRow.refund_no > after)
    return _recoups(session, query.order_by(RecoupRow.refund_no).limit(PAGE + 1))


def recoup(session: AnySession, refund_no: str) -> Recoup:
    """Raises NotFound."""
    row = session.get(RecoupRow, refund_no)
    if row is None:
        raise NotFound(_("没有这笔垫付"))
    return _recoup(row)


def _recoups(session: AnySession, query: Select[tuple[RecoupRow]]) -> tuple[Recoup, ...]:
    return tuple(_recoup(row) for row in session.scalars(query))


def _recoup(row: RecoupRow) -> Recoup:
    return Recoup(**{name: getattr(row, name) for name in Recoup.__dataclass_fields__})


def _deposit(row: DepositRow) -> Deposit:
    return Deposit(**{name: getattr(row, name) for name in Deposit.__dataclass_fields__})
