"""The books for programs: deposits, statements, a case's four accounts, advances that came back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from portal.access import Role, allow, current_actor
from portal.bodies import Answered, Asked, Body, Fen, RecordedOut, Words, recorded, wish_of
from portal.books import desk, queries
from portal.books.commands import RecordRecoup, SetDeposit
from portal.books.fouraccounts import CaseAccounts
from portal.books.pages import Wanted, accounts_for, shop_money
from portal.books.queries import Deposit
from portal.books.rules import TEXT_LIMIT
from portal.books.statements import Period, Statement
from portal.books.trial import Sum, trial_balance
from portal.database import db
from portal.events import RecoupState
from portal.house import house

bp = APIBlueprint("books_api", __name__, url_prefix="/api/v1", tag="Money")

Reference = Annotated[Words, Field(min_length=1, max_length=128)]
Kind = Literal["merchant_payable", "merchant_deposit", "recoup_receivable"]


class DepositBody(Body):
    """`as_of`: RFC 3339 with an offset; a word older than the last one is refused."""

    account: Reference
    available_fen: Fen
    floor_fen: Fen
    as_of: Annotated[Words, Field(min_length=20, max_length=40)]


class DepositOut(Answered):
    """`short_fen`: what was taken before a report said that less was there; `low`: under floor."""

    platform: str
    shop_id: str
    account: str
    reported_fen: int
    reported_at: datetime | None
    floor_fen: int
    available_fen: int
    short_fen: int
    low: bool


class ShopQuery(Asked):
    platform: Annotated[str, Field(max_length=64)] = ""


class StatementQuery(ShopQuery):
    account: Kind = "merchant_payable"
    after: Annotated[str, Field(max_length=30)] = ""


class LineOut(Answered):
    """A transfer as this account sees it. `other` is the account on its other side."""

    id: str
    case_no: str
    refund_no: str
    kind: str
    part: str
    account: str
    other: str
    amount_fen: int
    balance_fen: int
    at: datetime
    entry_index: int
    entry_digest: str


class StatementOut(Answered):
    """The newest lines first; `next` goes into `after` for the page before them."""

    account: str
    kind: str
    balance_fen: int
    lines: list[LineOut]
    next: str | None


class PartOut(Answered):
    account: str
    kind: str
    balance_fen: int
    lines: list[LineOut]


class PartyOut(Answered):
    party: str
    balance_fen: int
    parts: list[PartOut]


class CaseAccountsOut(Answered):
    """Buyer, merchant, platform and provider; all balances together are `total_fen`, zero."""

    case_no: str
    total_fen: int
    parties: list[PartyOut]


class SumOut(Answered):
    name: str
    in_fen: int
    out_fen: int
    balance_fen: int
    lines: int
    accounts: int


class TrialOut(BaseModel):
    total_fen: int
    sums: list[SumOut]


class RecoupBody(Body):
    amount_fen: Fen
    how: Literal["TRANSFER", "WITHHELD", "PROVIDER"]
    reference: Reference


class ReturnBody(Body):
    text: Annotated[Words, Field(max_length=TEXT_LIMIT)]


class ReturnStepOut(BaseModel):
    """`state`: WANTED, ASKED, DONE or FAILED; `reference`: the provider's number of the return."""

    state: str
    number: str
    amount_fen: int
    reference: str
    code: str
    at: datetime


class ReturnOut(BaseModel):
    """`possible_fen`: what the provider can be asked to give back now, 0 where it cannot."""

    possible_fen: int
    steps: list[ReturnStepOut]


@bp.put("/shops/<shop_id>/deposit")
@allow(Role.PLATFORM)
@bp.input(DepositBody, arg_name="body")
@bp.output(RecordedOut)
def set_deposit(shop_id: str, body: DepositBody) -> RecordedOut:
    """What the platform holds for a shop; the same content twice gives the same receipt."""
    actor = current_actor()
    wish = SetDeposit(actor.platform or "", shop_id, **body.model_dump())
    return recorded(desk.set_deposit(house(), actor, wish))


@bp.get("/shops/<shop_id>/deposit")
@allow(Role.PLATFORM, Role.MERCHANT, Role.OPERATOR)
@bp.input(ShopQuery, location="query", arg_name="query")
@bp.output(DepositOut)
def deposit(shop_id: str, query: ShopQuery) -> Deposit:
    """What is left of a shop's deposit."""
    return queries.deposit_of(db.session, current_actor(), shop_id, query.platform)


@bp.get("/shops/<shop_id>/statement")
@allow(Role.PLATFORM, Role.MERCHANT, Role.OPERATOR)
@bp.input(StatementQuery, location="query", arg_name="query")
@bp.output(StatementOut)
def statement(shop_id: str, query: StatementQuery) -> Statement:
    """One of a shop's accounts, a page of lines with the running balance."""
    wanted = Wanted(shop_id, query.platform, query.account)
    money = shop_money(db.session, current_actor(), wanted, Period(), query.after)
    return money.statement


@bp.get("/cases/<case_no>/accounts")
@allow(Role.BUYER, Role.MERCHANT, Role.PLATFORM, Role.ASSOCIATION, Role.OPERATOR)
@bp.output(CaseAccountsOut)
def case(case_no: str) -> CaseAccounts:
    """What everybody in a case gave and got, each line with its ledger entry."""
    return accounts_for(db.session, current_actor(), case_no)


@bp.get("/money/accounts")
@allow(Role.OPERATOR)
@bp.output(TrialOut)
def trial() -> TrialOut:
    """The trial balance by kind of account."""
    sums: tuple[Sum, ...] = trial_balance(db.session)
    total_fen = sum(each.balance_fen for each in sums)
    return TrialOut(total_fen=total_fen, sums=[SumOut.model_validate(each) for each in sums])


@bp.post("/money/recoups/<refund_no>")
@allow(Role.OPERATOR)
@bp.input(RecoupBody, arg_name="body")
@bp.output(RecordedOut, status_code=201)
def record_recoup(refund_no: str, body: RecoupBody) -> RecordedOut:
    """A part of an advance came back from the shop."""
    actor = current_actor()
    owed = queries.recoup(db.session, refund_no)
    wish = RecordRecoup(owed.case_no, refund_no, **body.model_dump())
    return recorded(desk.record_recoup(house(), db.session, actor, wish, wish_of(actor)))


@bp.get("/money/recoups/<refund_no>/return")
@allow(Role.OPERATOR)
@bp.output(ReturnOut)
def returned(refund_no: str) -> ReturnOut:
    """How far the provider is with giving an advance back out of the shop's account."""
    found = desk.return_of(house(), db.session, queries.recoup(db.session, refund_no))
    steps = [_return_step(event, at) for event, at in found.steps]
    return ReturnOut(possible_fen=found.possible_fen, steps=steps)


def _return_step(event: RecoupState, at: datetime) -> ReturnStepOut:
    names = ("state", "number", "amount_fen", "code")
    told = {name: getattr(event, name) for name in names}
    reference = event.provider_ref if event.state == "DONE" else ""
    return ReturnStepOut(**told, reference=reference, at=at)


@bp.post("/money/recoups/<refund_no>/return")
@allow(Role.OPERATOR)
@bp.input(ReturnBody, arg_name="body")
@bp.output(RecordedOut, status_code=201)
def want_return(refund_no: str, body: ReturnBody) -> RecordedOut:
    """Have the provider give an advance back before it is due, or once more after it failed."""
    actor = current_actor()
    wish = wish_of(actor)
    return recorded(desk.want_return(house(), db.session, actor, refund_no, body.text, wish))
