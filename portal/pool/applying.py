"""From an application to a pseudonym in the pool."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.access import Actor, Role
from portal.accounts.tables import Account, RoleRow
from portal.database import AnySession
from portal.errors import BadInput, NotFound, Refused
from portal.errors import sentence as _
from portal.house import House
from portal.idempotency import by
from portal.pool.commands import EnrollReviewer
from portal.pool.rules import check_values
from portal.pool.tables import ApplicationRow
from portal.pool.ties import Ties, checked, write_ties

MOST_TEXT = 2000


@dataclass(frozen=True)
class Application:
    """What somebody writes who wants to judge; `ties` by kind."""

    stratum: str
    fields: tuple[str, ...]
    languages: tuple[str, ...]
    ties: Ties
    text: str


def application_of(session: AnySession, actor: Actor) -> ApplicationRow | None:
    return session.scalar(
        select(ApplicationRow).where(ApplicationRow.account_id == actor.account_id)
    )


def apply(session: AnySession, actor: Actor, wish: Application, now: datetime) -> None:
    """Put the application before the operator; commits. Raises Refused, BadInput."""
    if actor.has(Role.OPERATOR, Role.PLATFORM):
        raise Refused(_("运营和平台的账号不能做评审员"))
    if actor.reviewer_id:
        raise Refused(_("你已经是评审员"))
    if not wish.text.strip() or len(wish.text) > MOST_TEXT:
        raise BadInput("text", _("请用不超过 %(most)s 个字介绍自己"), most=MOST_TEXT)
    check_values(_command("new", wish.stratum, wish.fields, wish.languages))
    row = application_of(session, actor)
    if row is not None and row.state != "DECLINED":
        raise Refused(_("你已经申请过"))
    session.merge(_row(row, actor, wish, now))
    session.commit()


def _row(
    row: ApplicationRow | None, actor: Actor, wish: Application, now: datetime
) -> ApplicationRow:
    return ApplicationRow(
        id=row.id if row else None,
        account_id=actor.account_id,
        stratum=wish.stratum,
        fields=list(wish.fields),
        languages=list(wish.languages),
        ties=[list(pair) for pair in checked(wish.ties)],
        text=wish.text.strip(),
        state="WAITING",
        reason="",
        applied_at=now,
        decided_at=None,
    )


def approve(session: AnySession, house: House, actor: Actor, number: int) -> str:
    """Enroll as PRACTISING under a drawn pseudonym; returns it. Repeating it changes nothing.

    The account gets the pseudonym first: were the order the other way, a crash in between would
    leave a reviewer in the pool whom nobody can be.
    """
    row = _waiting(session, number)
    account = session.get_one(Account, row.account_id)
    reviewer_id = account.reviewer_id or f"r_{secrets.token_hex(6)}"
    command = _command(reviewer_id, row.stratum, tuple(row.fields), tuple(row.languages))
    ties = [(str(kind), str(value)) for kind, value in row.ties]
    account.reviewer_id = reviewer_id
    _make_reviewer(session, account)
    write_ties(session, reviewer_id, ties, "DECLARED", house.clock.now())
    session.commit()
    house.recorder.record(command, by=by(actor), command_id=f"application/{number}")
    _decide(session, number, "APPROVED", "", house.clock.now())
    return reviewer_id


def decline(session: AnySession, number: int, reason: str, now: datetime) -> None:
    """With a reason that the applicant reads; they may apply again. Commits."""
    _waiting(session, number)
    if not reason.strip():
        raise BadInput("reason", _("请写明原因"))
    _decide(session, number, "DECLINED", reason.strip(), now)


def _waiting(session: AnySession, number: int) -> ApplicationRow:
    row = session.get(ApplicationRow, number)
    if row is None:
        raise NotFound(_("没有这个申请"))
    if row.state != "WAITING":
        raise Refused(_("这个申请已经处理过"))
    return row


def _make_reviewer(session: AnySession, account: Account) -> None:
    role = session.scalar(select(RoleRow).where(RoleRow.name == str(Role.REVIEWER)))
    if all(known.name != Role.REVIEWER for known in account.roles):
        account.roles.append(role or RoleRow(name=str(Role.REVIEWER)))


def _command(
    reviewer_id: str, stratum: str, fields: tuple[str, ...], languages: tuple[str, ...]
) -> EnrollReviewer:
    return EnrollReviewer(
        reviewer_id=reviewer_id,
        stratum=stratum,
        fields=fields,
        languages=languages,
        how="APPLIED",
        state="PRACTISING",
    )


def _decide(session: AnySession, number: int, state: str, reason: str, now: datetime) -> None:
    row = session.get_one(ApplicationRow, number)
    row.state, row.reason, row.decided_at = state, reason, now
    session.commit()
