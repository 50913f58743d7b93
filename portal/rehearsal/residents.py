"""The invented people of a demonstration, with logins; one password for all, drawn at random."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from apiflask import APIFlask
from flask_security import hash_password

from portal.access import Role
from portal.accounts.holders import Holder, account_of
from portal.accounts.provision import find_account
from portal.database import db
from portal.rehearsal.script import Order
from portal.speech import chinese, words

DOMAIN = "demo.example"


@dataclass(frozen=True)
class Resident:
    """Somebody who can sign in; `part` says as whom."""

    login: str
    holder: Holder
    part: str

    @property
    def email(self) -> str:
        return f"{self.login}@{DOMAIN}"


def new_password() -> str:
    return f"mingan-{secrets.token_hex(4)}"


def parties(number: int, order: Order) -> Iterator[Resident]:
    """Buyer and merchant of an order, numbered from the second on."""
    suffix = "" if number == 1 else str(number)
    buyer, merchant = words("买家", "buyer"), words("商家", "merchant")
    part = order.order
    yield Resident(
        f"buyer{suffix}",
        Holder(Role.BUYER, part.buyer_ref, f"{buyer}{suffix}", platform=order.platform),
        buyer,
    )
    yield Resident(
        f"merchant{suffix}",
        Holder(
            Role.MERCHANT,
            part.shop_id,
            f"{merchant}{suffix}",
            platform=order.platform,
            merchant_id=order.live.merchant_id,
        ),
        merchant,
    )


def officers(operator: Holder) -> Iterator[Resident]:
    association = words("消协", "association")
    yield Resident("association", Holder(Role.ASSOCIATION, "association", association), association)
    yield Resident("operator", operator, words("管理员", "operator"))
    second = words("第二位管理员", "second operator")
    yield Resident("operator2", Holder(Role.OPERATOR, "operator2", second), second)


def reviewer(reviewer_id: str, *, invited: bool) -> Resident:
    part = words("评审员，等他投票", "reviewer, yet to vote")
    if invited:
        part = words("评审员，等他答复邀请", "reviewer, yet to answer an invitation")
    return Resident(reviewer_id, Holder(Role.REVIEWER, reviewer_id), part)


def card(residents: Iterable[Resident], password: str) -> str:
    """The logins as a text to print and to keep."""
    title = words("可以登录的人", "People who can sign in")
    secret = words("密码都是", "the password of all of them is")
    lines = [f"  {resident.email:<36} {resident.part}" for resident in residents]
    return "\n".join(
        [
            f"{title}（{secret} {password}）" if chinese() else f"{title} ({secret} {password})",
            *lines,
            "",
        ]
    )


def settle_in(app: APIFlask, residents: Iterable[Resident], password: str) -> None:
    """Make the accounts, or give those that exist their login. Safe to repeat."""
    with app.app_context():
        hashed = hash_password(password)  # once: a careful hash takes a tenth of a second
        for resident in residents:
            account = account_of(db.session, resident.holder)
            taken = find_account(db.session, resident.email)
            if taken is None or taken.id == account.id:
                account.email, account.password = resident.email, hashed
        db.session.commit()
