"""What a case's movements mean in the books: a pure function of its events.

    RESERVED   the funding accounts -> buyer_refund; an advance also makes the shop owe it:
               merchant_payable -> recoup_receivable
    SUCCESS    buyer_refund -> provider_clearing, money and coupons apart; coupons beside the sum
               come out of what the shop earned with them: merchant_payable -> provider_clearing
               where the platform advanced them too, first set aside like the rest of its advance
               where the provider names another payer, first back and out of that one's account
    REVERSED   back from provider_clearing to buyer_refund
    CANCELLED  back to where it came from; so also before other funding is RESERVED
    a recoup   recoup_receivable -> platform_advance

What is not known to have happened, such as an unanswered call, posts nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from portal.books.accounts import ADVANCE, BUYER, PAYABLE, RECEIVABLE, Shop, clearing
from portal.cases.state import Case
from portal.events import Funding, RefundState
from portal.formats import BEIJING
from portal.refunds.state import Movement, attempt_no
from portal.times import moment

STEP = "REFUND_STATE"
RECOUP = "RECOUP_RECORDED"
CASH = "CASH"
COUPON = "COUPON"


@dataclass(frozen=True)
class Leg:
    """One transfer. `kind`: RESERVED, ADVANCED, RELEASED, PAID, REVERSED or RECOUPED."""

    kind: str
    debit: str
    credit: str
    amount_fen: int
    part: str = CASH

    def back(self, kind: str) -> Leg:
        return replace(self, kind=kind, debit=self.credit, credit=self.debit)


@dataclass(frozen=True)
class Posting:
    """A leg in the journal. `txn` names the event it follows from: the `step`-th of `code` with
    this refund_no in the case's stream. `day` is the provider's day of payment (Beijing)."""

    txn: str
    line: int
    code: str
    step: int
    refund_no: str
    at: str
    day: str
    leg: Leg

    @property
    def id(self) -> str:
        return f"{self.txn}/{self.line}"


@dataclass(frozen=True)
class _Standing:
    """What is set aside and what is paid out, as the legs that a reversal turns round."""

    held: tuple[Leg, ...] = ()
    paid: tuple[Leg, ...] = ()


def postings(case: Case) -> tuple[Posting, ...]:
    """Every posting of every movement of a case, in order, with the same names each time."""
    shop = Shop(case.claim.platform, case.claim.shop_id)
    return tuple(
        posting
        for movement in case.movements
        for posting in (*_of_steps(shop, movement), *_of_recoups(shop, movement))
    )


def _of_steps(shop: Shop, movement: Movement) -> Iterator[Posting]:
    standing = _Standing()
    for step, (event, at) in enumerate(movement.states, 1):
        standing, legs = _follow(shop, event, standing)
        txn = f"{attempt_no(movement.refund_no, event.attempt)}/{event.state}/{step}"
        day = _day(event.provider_at or at)
        for line, leg in enumerate(legs, 1):
            yield Posting(txn, line, STEP, step, movement.refund_no, at, day, leg)


def _of_recoups(shop: Shop, movement: Movement) -> Iterator[Posting]:
    owed, advance = shop.account(RECEIVABLE), shop.account(ADVANCE)
    for step, (event, at) in enumerate(movement.recoups, 1):
        leg = Leg("RECOUPED", owed, advance, event.amount_fen)
        txn = f"{movement.refund_no}/RECOUPED/{step}"
        yield Posting(txn, 1, RECOUP, step, movement.refund_no, at, _day(at), leg)


def _follow(
    shop: Shop, event: RefundState, standing: _Standing
) -> tuple[_Standing, tuple[Leg, ...]]:
    if event.state == "RESERVED":
        held = _reserve(shop, event.funding or _usual(event))
        return _Standing(held), (*_back(standing.held, "RELEASED"), *held)
    if event.state == "CANCELLED":
        return _Standing(), _back(standing.held, "RELEASED")
    if event.state == "REVERSED":
        return replace(standing, paid=()), _back(standing.paid, "REVERSED")
    if event.state == "SUCCESS" and not standing.paid:
        held = standing.held or _reserve(shop, _usual(event))
        paid = (*_of_another(shop, event, held), *_pay(shop, event))
        return _Standing(held, paid), (*(() if standing.held else held), *paid)
    return standing, ()


def _of_another(shop: Shop, paid: RefundState, held: tuple[Leg, ...]) -> tuple[Leg, ...]:
    """What was set aside goes back when the provider took the money from somebody else. Funding of
    more than the sum is what was set aside, and coupons that the platform advanced beside it."""
    if beside := _advanced_beside(paid):
        return _reserve(shop, (Funding("PLATFORM_ADVANCE", beside),))
    return (*_back(held, "RELEASED"), *_reserve(shop, paid.funding)) if paid.funding else ()


def _advanced_beside(paid: RefundState) -> int:
    return max(0, sum(part.amount_fen for part in paid.funding) - paid.amount_fen)


def _usual(event: RefundState) -> tuple[Funding, ...]:
    """Records made before funding was kept came out of what the shop was paid."""
    return (Funding("MERCHANT_PAYABLE", event.amount_fen),)


def _reserve(shop: Shop, funding: tuple[Funding, ...]) -> tuple[Leg, ...]:
    return tuple(leg for part in funding for leg in _legs(shop, part))


def _legs(shop: Shop, part: Funding) -> Iterator[Leg]:
    account = shop.account(part.account.lower())
    yield Leg("RESERVED", account, shop.account(BUYER), part.amount_fen)
    if part.account == "PLATFORM_ADVANCE":
        owed = shop.account(RECEIVABLE)
        yield Leg("ADVANCED", shop.account(PAYABLE), owed, part.amount_fen)


def _pay(shop: Shop, event: RefundState) -> tuple[Leg, ...]:
    """The payer's money and the coupons that a provider gave back in kind, each for itself."""
    beside = max(0, event.cash_fen + event.coupon_fen - event.amount_fen)
    within = min(max(0, event.coupon_fen - beside), event.amount_fen)
    parts = (
        (BUYER, event.amount_fen - within, CASH),
        (BUYER, within, COUPON),
        (BUYER if _advanced_beside(event) else PAYABLE, beside, COUPON),
    )
    there = clearing(event.provider)
    return tuple(Leg("PAID", shop.account(name), there, fen, of) for name, fen, of in parts if fen)


def _back(legs: tuple[Leg, ...], kind: str) -> tuple[Leg, ...]:
    return tuple(leg.back(kind) for leg in legs)


def _day(at: str) -> str:
    return moment(at).astimezone(BEIJING).date().isoformat()
