"""Accounts by what they stand for: the buyer of a platform, a shop, a reviewer, a platform.

Used where a program gives out tokens: on the command line and in a rehearsal.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import ColumnElement, select

from portal.access import Role
from portal.accounts.provision import create_account
from portal.accounts.tables import Account, RoleRow
from portal.database import AnySession
from portal.errors import BadInput
from portal.errors import sentence as _

LABELS = {
    Role.BUYER: "buyer_ref",
    Role.MERCHANT: "shop_id",
    Role.REVIEWER: "reviewer_id",
    Role.PLATFORM: "platform",
    Role.ASSOCIATION: "display_name",
    Role.OPERATOR: "display_name",
}


@dataclass(frozen=True)
class Holder:
    """A role and its reference: buyer_ref, shop_id, reviewer_id, platform, or a name."""

    role: Role
    reference: str
    name: str = ""
    platform: str | None = None
    merchant_id: str | None = None


def account_of(session: AnySession, holder: Holder) -> Account:
    """The holder's account, made when there is none; flushed. Raises BadInput."""
    if not holder.reference.strip():
        raise BadInput("reference", _("请写明是谁"))
    if holder.role is Role.BUYER and not holder.platform:
        raise BadInput("platform", _("买家属于一个平台，请写明"))
    if holder.role is Role.MERCHANT and not holder.platform:
        raise BadInput("platform", _("店铺属于一个平台，请写明"))
    return find_holder(session, holder) or _make(session, holder)


def find_holder(session: AnySession, holder: Holder) -> Account | None:
    """The oldest active account with this role and reference."""
    conditions: list[ColumnElement[bool]] = [
        getattr(Account, LABELS[holder.role]) == holder.reference,
        Account.active.is_(True),
        Account.roles.any(RoleRow.name == str(holder.role)),
    ]
    if holder.role in (Role.BUYER, Role.MERCHANT):
        conditions.append(Account.platform == holder.platform)
    return session.scalar(select(Account).where(*conditions).order_by(Account.id).limit(1))


def _make(session: AnySession, holder: Holder) -> Account:
    references = {
        "platform": holder.platform,
        "merchant_id": holder.merchant_id,
        LABELS[holder.role]: holder.reference,
    }
    references.pop("display_name", None)
    return create_account(
        session,
        email=_address(holder),
        password=None,
        name=(holder.name or holder.reference)[:80],
        roles=[holder.role],
        **references,
    )


def _address(holder: Holder) -> str:
    """An address that nobody has, the same for the same holder: accounts need one."""
    key = f"{holder.role}\n{holder.platform}\n{holder.reference}"
    return f"{holder.role.lower()}-{sha256(key.encode()).hexdigest()[:16]}@accounts.example"
