"""Rows of accounts. Not a projection: the ledger knows people only by their references."""

from __future__ import annotations

from datetime import datetime

from flask_security import RoleMixin, UserMixin
from sqlalchemy import Column, ForeignKey, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.access import Actor, Role
from portal.database import db

account_role = Table(
    "account_role",
    db.Model.metadata,
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("role.id"), primary_key=True),
)


class RoleRow(db.Model, RoleMixin):
    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)


class Account(db.Model, UserMixin):
    """Somebody who can sign in. The references say which cases, shop or seat are theirs."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str] = mapped_column(String(80))
    buyer_ref: Mapped[str | None] = mapped_column(String(128), index=True)
    platform: Mapped[str | None] = mapped_column(String(64))
    shop_id: Mapped[str | None] = mapped_column(String(128), index=True)
    merchant_id: Mapped[str | None] = mapped_column(String(128), index=True)
    reviewer_id: Mapped[str | None] = mapped_column(String(128), unique=True)
    roles: Mapped[list[RoleRow]] = relationship(secondary=account_role, lazy="selectin")

    def as_actor(self) -> Actor:
        return Actor(
            account_id=self.id,
            roles=frozenset(Role(row.name) for row in self.roles),
            name=self.display_name,
            buyer_ref=self.buyer_ref,
            platform=self.platform,
            shop_id=self.shop_id,
            merchant_id=self.merchant_id,
            reviewer_id=self.reviewer_id,
        )


class ApiToken(db.Model):
    """A program's key to /api. Only its digest is kept: a copied database opens no door."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    label: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    account: Mapped[Account] = relationship(lazy="joined")
