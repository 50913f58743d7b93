"""What an operator wishes, put together for web and API alike."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from portal.access import Actor, Role
from portal.accounts.provision import create_account, issue_token, revoke_tokens
from portal.accounts.tables import Account
from portal.database import AnySession
from portal.errors import BadInput, NotFound
from portal.errors import sentence as _
from portal.idempotency import by
from portal.panels.commands import AssignTrack
from portal.recorder import Receipt, Recorder

NOWHERE = "accounts.mingan.example"  # addresses of programs; no mail ever goes there


@dataclass(frozen=True)
class NewAccount:
    """Somebody to be let in. Without an address or a password only the token opens it."""

    name: str
    roles: tuple[Role, ...]
    email: str | None = None
    password: str | None = None
    references: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Issued:
    """An account with the token that is shown this once."""

    account_id: int
    token: str


def open_account(session: AnySession, wish: NewAccount, at: datetime) -> Issued:
    """Make the account and its first token; the caller commits. Raises BadInput, for an operator's
    account too: whoever could open one would be two people who let money go."""
    if Role.OPERATOR in wish.roles:
        raise BadInput("roles", _("管理员账号只能在服务器上用 mingan operator 开"))
    _check_references(wish)
    _check_free(session, wish.references.get("reviewer_id"))
    account = create_account(
        session,
        email=wish.email or f"{secrets.token_hex(8)}@{NOWHERE}",
        password=wish.password,
        name=wish.name,
        roles=wish.roles,
        **wish.references,
    )
    return Issued(account.id, issue_token(session, account, label="first", at=at))


# Without its reference a role opens doors behind which nothing is the person's own.
_NEEDED = {
    Role.BUYER: ("buyer_ref", "platform"),
    Role.MERCHANT: ("shop_id", "platform"),
    Role.REVIEWER: ("reviewer_id",),
    Role.PLATFORM: ("platform",),
}


def _check_references(wish: NewAccount) -> None:
    if not wish.roles:
        raise BadInput("roles", _("请至少选一个身份"))
    for role in wish.roles:
        for name in _NEEDED.get(role, ()):
            if not wish.references.get(name):
                raise BadInput(name, _("这个身份需要填写这一项"))


def _check_free(session: AnySession, reviewer_id: str | None) -> None:
    taken = select(Account.id).where(Account.reviewer_id == reviewer_id)
    if reviewer_id and session.scalar(taken):
        raise BadInput("reviewer_id", _("这位评审员已有账号"))


def issue_again(
    session: AnySession, actor: Actor, account_id: int, label: str, at: datetime
) -> Issued:
    """One more token for an account; the caller commits. Raises NotFound, and BadInput for another
    operator's: nobody approves in somebody else's name."""
    account = _account(session, account_id)
    if account.as_actor().has(Role.OPERATOR) and account_id != actor.account_id:
        raise BadInput("label", _("管理员的令牌由本人发，或者在服务器上发"))
    return Issued(account.id, issue_token(session, account, label=label, at=at))


def revoke(session: AnySession, account_id: int, at: datetime) -> int:
    """End every token of an account; returns how many. The caller commits."""
    return revoke_tokens(session, _account(session, account_id), at=at)


def _account(session: AnySession, account_id: int) -> Account:
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound(_("没有这个账号"))
    return account


def choose_track(recorder: Recorder, actor: Actor, wish: AssignTrack, name: str) -> Receipt:
    """TRACK_ASSIGNED; `name` is the command id. Raises Refused, BadInput."""
    if not wish.reason.strip():
        raise BadInput("reason", _("请写明为什么改评审类型"))
    return recorder.record(wish, by=by(actor), command_id=name)
