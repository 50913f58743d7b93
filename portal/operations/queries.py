"""What the operator's pages show. Every list is short and read along an index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from portal.access import Role
from portal.accounts.tables import Account, ApiToken
from portal.audit.tables import CaseView
from portal.cases.tables import CaseRow
from portal.database import AnySession
from portal.errors import NotFound, PortalError
from portal.errors import sentence as _
from portal.messages.tables import MessageRow
from portal.panels.overseeing import missing_for

TODOS = ("SEAT", "OPEN")
SHOWN = 20
RECENT = 10
EXAMINED = 10  # cases whose panel is tried out; each costs a look at the whole pool
OVERDUE_AFTER = timedelta(minutes=1)
SOON = timedelta(hours=24)


@dataclass(frozen=True)
class Standing:
    """A duty of the system that stands too long; `why` is a sentence with its parameters."""

    case_no: str
    todo: str
    since: datetime
    why: PortalError | None


@dataclass(frozen=True)
class AtRisk:
    """An open case by the time that is left until its clock runs out."""

    case_no: str
    title: str
    state: str
    clock: str
    due_at: datetime
    since: datetime


@dataclass(frozen=True)
class Message:
    """`to` is the kind of recipient only: the operator need not know who."""

    to: str
    case_no: str
    text: str
    posted_at: datetime
    read_at: datetime | None


@dataclass(frozen=True)
class Look:
    name: str
    case_no: str
    at: datetime


def standing(session: AnySession, now: datetime) -> tuple[Standing, ...]:
    """Cases that wait for the system itself, the longest first."""
    waiting = CaseRow.todo.in_(TODOS), CaseRow.updated_at < now - OVERDUE_AFTER
    query = select(CaseRow).where(*waiting).order_by(CaseRow.updated_at).limit(SHOWN)
    rows = session.scalars(query).all()
    tried = {row.case_no for row in rows if row.todo == "SEAT"}
    tried = set(sorted(tried)[:EXAMINED])
    return tuple(
        Standing(
            case_no=row.case_no,
            todo=row.todo,
            since=row.updated_at,
            why=missing_for(session, row.case_no) if row.case_no in tried else None,
        )
        for row in rows
    )


def at_risk(session: AnySession, now: datetime) -> tuple[AtRisk, ...]:
    """The open cases whose clock runs out next, those already late first."""
    near = CaseRow.open.is_(True), CaseRow.due_at < now + SOON
    query = select(CaseRow).where(*near).order_by(CaseRow.due_at).limit(SHOWN)
    return tuple(
        AtRisk(row.case_no, row.title, row.state, row.clock, row.due_at, row.updated_at)
        for row in session.scalars(query)
        if row.due_at is not None
    )


def newest_messages(session: AnySession) -> tuple[Message, ...]:
    query = select(MessageRow).order_by(MessageRow.id.desc()).limit(RECENT)
    return tuple(
        Message(_kind_of(row.recipient), row.case_no, row.text, row.posted_at, row.read_at)
        for row in session.scalars(query)
    )


def _kind_of(recipient: str) -> str:
    """Which office it went to; of people only which kind."""
    kind, _colon, who = recipient.partition(":")
    return who if kind == "office" else kind


def newest_looks(session: AnySession) -> tuple[Look, ...]:
    """Who of association and operator looked at which case."""
    query = (
        select(Account.display_name, CaseView.case_no, CaseView.at)
        .join(Account, Account.id == CaseView.account_id)
        .order_by(CaseView.at.desc(), CaseView.id.desc())
        .limit(RECENT)
    )
    return tuple(Look(*row) for row in session.execute(query))


LISTED = 50


@dataclass(frozen=True)
class Known:
    """An account in the operator's list; `tokens` are those that still open doors."""

    account_id: int
    name: str
    email: str
    roles: tuple[Role, ...]
    tokens: int


def accounts(session: AnySession, after: int = 0) -> tuple[Known, ...]:
    """A page of accounts, the newest first; one more than a page shows, if there is one."""
    query = select(Account).order_by(Account.id.desc()).limit(LISTED + 1)
    rows = session.scalars(query.where(Account.id < after) if after else query).all()
    living = _living_tokens(session, [row.id for row in rows])
    return tuple(_known(row, living.get(row.id, 0)) for row in rows)


def account(session: AnySession, account_id: int) -> Known:
    """One account. Raises NotFound."""
    row = session.get(Account, account_id)
    if row is None:
        raise NotFound(_("没有这个账号"))
    return _known(row, _living_tokens(session, [row.id]).get(row.id, 0))


def _living_tokens(session: AnySession, ids: Sequence[int]) -> dict[int, int]:
    living = ApiToken.account_id.in_(ids), ApiToken.revoked_at.is_(None)
    query = select(ApiToken.account_id, func.count()).where(*living).group_by(ApiToken.account_id)
    return dict(session.execute(query).all())


def _known(row: Account, tokens: int) -> Known:
    roles = tuple(row.as_actor().roles)
    return Known(row.id, row.display_name, row.email, tuple(sorted(roles)), tokens)
