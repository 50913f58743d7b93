"""What the pages of the books show, put together for each reader."""

from __future__ import annotations

from dataclasses import dataclass

from portal.access import Actor
from portal.books import queries
from portal.books.accounts import OF_SHOP, Shop
from portal.books.fouraccounts import CaseAccounts, case_accounts
from portal.books.queries import Deposit, Held, Recoup
from portal.books.statements import Period, Statement, balance, statement
from portal.cases.access import side_of, visible_case
from portal.database import AnySession
from portal.errors import NotFound
from portal.errors import sentence as _


@dataclass(frozen=True)
class ShopMoney:
    """A shop's three balances, and the statement of one of its accounts."""

    deposits: tuple[Deposit, ...]
    deposit: Deposit
    balances: tuple[tuple[str, int], ...]
    statement: Statement

    @property
    def shop(self) -> Shop:
        return Shop(self.deposit.platform, self.deposit.shop_id)


@dataclass(frozen=True)
class DepositPage:
    deposits: tuple[Deposit, ...]
    deposit: Deposit
    held: tuple[Held, ...]
    recoups: tuple[Recoup, ...]


def shop_money(
    session: AnySession, actor: Actor, wanted: Wanted, period: Period, after: str
) -> ShopMoney:
    """Raises NotFound, also for somebody else's shop or an account that shops do not have."""
    if wanted.kind not in OF_SHOP:
        raise NotFound(_("没有这个账户"))
    found = queries.deposits_of(session, actor, wanted.shop_id)
    deposit = queries.deposit_of(session, actor, wanted.shop_id, wanted.platform)
    shop = Shop(deposit.platform, deposit.shop_id)
    return ShopMoney(
        deposits=found,
        deposit=deposit,
        balances=tuple((kind, balance(session, shop.account(kind))) for kind in OF_SHOP),
        statement=statement(session, shop.account(wanted.kind), period, after),
    )


def deposit_page(session: AnySession, actor: Actor, shop_id: str, platform: str) -> DepositPage:
    """Raises NotFound."""
    deposit = queries.deposit_of(session, actor, shop_id, platform)
    shop = Shop(deposit.platform, deposit.shop_id)
    return DepositPage(
        deposits=queries.deposits_of(session, actor, shop_id),
        deposit=deposit,
        held=queries.held_of(session, shop),
        recoups=queries.recoups_of(session, shop),
    )


def accounts_for(session: AnySession, actor: Actor, case_no: str) -> CaseAccounts:
    """The four accounts of a case. Raises NotFound, also for a reviewer on its panel, whatever else
    the reviewer is: who decides looks at the case and not at its money."""
    if side_of(actor, visible_case(session, actor, case_no)) == "REVIEWER":
        raise NotFound(_("没有这个案件，或者它不是你的案件"))
    return case_accounts(session, case_no)


@dataclass(frozen=True)
class Wanted:
    """Which account of which shop; an empty platform is the shop's first."""

    shop_id: str
    platform: str = ""
    kind: str = OF_SHOP[0]
