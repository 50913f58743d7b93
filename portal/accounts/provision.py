"""Making accounts and tokens. The caller owns the session and commits.

session = db.session
account = create_account(session, email=…, password=…, name=…, roles=[Role.BUYER], …)
token = issue_token(session, account, label="demo", at=clock.now())    shown once, kept nowhere
session.commit()
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime
from hashlib import sha256
from typing import Any
from unicodedata import normalize

from email_validator import EmailNotValidError, validate_email
from flask_security import hash_password
from sqlalchemy import select

from portal.access import Role
from portal.accounts.tables import Account, ApiToken, RoleRow
from portal.database import AnySession
from portal.errors import BadInput, sentence

PASSWORD_MIN_CHARS = 8
TOKEN_PREFIX = "mingan_"  # lets a scanner of leaked secrets recognise one
TOKEN_BYTES = 32


def create_account(
    session: AnySession,
    *,
    email: str,
    password: str | None,
    name: str,
    roles: Collection[Role],
    **references: str | None,
) -> Account:
    """A new account, flushed so that it has an id; without a password only tokens open it.

    `references`: buyer_ref, platform, shop_id, merchant_id, reviewer_id. Raises BadInput when the
    address is none or taken, or the password too short. Needs an application context (hashing).
    """
    account = Account(
        email=_free_address(session, email),
        password=_hashed(password),
        fs_uniquifier=secrets.token_hex(32),
        display_name=name,
        active=True,
        roles=_role_rows(session, roles),
        **references,
    )
    session.add(account)
    session.flush()
    return account


def find_account(session: AnySession, email: str) -> Account | None:
    return session.scalar(select(Account).where(Account.email == email.strip().lower()))


def issue_token(session: AnySession, account: Account, *, label: str, at: datetime) -> str:
    """A new token for `Authorization: Bearer`; this is the only time anybody sees it."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    session.add(ApiToken(digest=_digest(token), account_id=account.id, label=label, created_at=at))
    session.flush()
    return token


def find_by_token(session: AnySession, token: str) -> Account | None:
    """The active account a living token belongs to."""
    live = ApiToken.digest == _digest(token), ApiToken.revoked_at.is_(None)
    found = session.scalar(select(ApiToken).where(*live))
    return found.account if found and found.account.active else None


def revoke_tokens(session: AnySession, account: Account, *, at: datetime) -> int:
    """End every living token of the account; returns how many."""
    live = ApiToken.account_id == account.id, ApiToken.revoked_at.is_(None)
    tokens = session.scalars(select(ApiToken).where(*live)).all()
    for token in tokens:
        token.revoked_at = at
    return len(tokens)


def _free_address(session: AnySession, email: str) -> str:
    try:
        # .example and .test addresses are what a rehearsal's people have.
        found = validate_email(email, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise BadInput("email", sentence("邮箱地址无效")) from error
    address = found.normalized.lower()
    if find_account(session, address):
        raise BadInput("email", sentence("这个邮箱已有账号"))
    return address


def _hashed(password: str | None) -> str | None:
    if password is None:
        return None
    if len(password) < PASSWORD_MIN_CHARS:
        raise BadInput("password", sentence("密码至少需要 8 个字符"))
    # The form of Unicode that sign-in brings what was typed to, whatever the keyboard.
    hashed: str = hash_password(normalize("NFKD", password))
    return hashed


def _role_rows(session: AnySession, roles: Collection[Role]) -> list[RoleRow]:
    rows: dict[str, Any] = {row.name: row for row in session.scalars(select(RoleRow))}
    return [rows.get(role) or RoleRow(name=str(role)) for role in sorted(set(roles))]


def _digest(token: str) -> str:
    # A plain SHA-256 is enough: the token is 256 random bits, there is nothing to guess.
    return sha256(token.encode()).hexdigest()
