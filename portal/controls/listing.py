"""What waits for an approval, and the limits as they stand with their history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.accounts.tables import Account
from portal.cases.tables import CaseRow
from portal.controls.limits import AUTHORITY_FEN, EVERYBODY, LIMITS, STOPPED, Limit
from portal.controls.queries import control, is_stopped, missing_approvals
from portal.controls.tables import ControlRow
from portal.database import AnySession
from portal.events import ControlSet
from portal.history import load, load_case
from portal.providers.values import Provider
from portal.refunds.breaking import Pause, pauses
from portal.refunds.tables import MovementRow, TurnRow
from portal.streams import CONTROLS
from portal.times import moment

MOST = 100
RECENT = 50


@dataclass(frozen=True)
class Pending:
    """A large sum that waits for people; `mine`: this reader has approved it already."""

    refund_no: str
    case_no: str
    title: str
    shop: str
    outcome: str
    rail: str
    channel: str
    amount_fen: int
    ordered_at: datetime
    missing: int
    mine: bool


@dataclass(frozen=True)
class Standing:
    """A limit with its value for all, and those who have one of their own."""

    limit: Limit
    value: int
    own: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Switch:
    """A provider: whether payments through it are stopped, and whether it is left alone now."""

    name: str
    simulated: bool
    stopped: bool
    pause: Pause | None


@dataclass(frozen=True)
class Change:
    """Who set what, when and why; `who` is an account's name."""

    at: datetime
    who: str
    event: ControlSet


def pending(session: AnySession, reader: str) -> tuple[Pending, ...]:
    """Sums that wait for approvals, the longest waiting first."""
    query = (
        select(MovementRow, CaseRow.title, CaseRow.shop, CaseRow.outcome)
        .join(TurnRow, TurnRow.refund_no == MovementRow.refund_no)
        .join(CaseRow, CaseRow.case_no == MovementRow.case_no)
        .where(TurnRow.blocked == "APPROVAL")
        .order_by(MovementRow.ordered_at)
        .limit(MOST)
    )
    rows = session.execute(query).all()
    return tuple(_pending(session, reader, *row) for row in rows)


def _pending(
    session: AnySession, reader: str, row: MovementRow, title: str, shop: str, outcome: str
) -> Pending:
    movement = load_case(session, row.case_no).movement(row.refund_no)
    assert movement is not None, "a row of no movement"
    return Pending(
        refund_no=row.refund_no,
        case_no=row.case_no,
        title=title,
        shop=shop,
        outcome=outcome,
        rail=row.rail,
        channel=row.channel,
        amount_fen=row.amount_fen,
        ordered_at=row.ordered_at,
        missing=missing_approvals(session, movement),
        mine=reader in movement.approvals,
    )


def standing(session: AnySession) -> tuple[Standing, ...]:
    """Every limit but the switches."""
    own = session.scalars(select(ControlRow).where(ControlRow.subject != EVERYBODY)).all()
    return tuple(
        Standing(
            limit,
            control(session, limit.name),
            tuple((row.subject, row.value) for row in own if row.name == limit.name),
        )
        for limit in LIMITS.values()
        if limit.name != STOPPED
    )


def switches(
    session: AnySession, providers: Iterable[Provider], now: datetime
) -> tuple[Switch, ...]:
    """Every provider of this installation."""
    paused = {pause.provider: pause for pause in pauses(session, now)}
    return tuple(
        Switch(each.name, each.simulated, is_stopped(session, each.name), paused.get(each.name))
        for each in providers
    )


def changes(session: AnySession) -> tuple[Change, ...]:
    """The newest decisions about limits and switches."""
    entries = load(session, CONTROLS).entries[-RECENT:]
    names = names_of(session, (entry.by for entry in entries))
    return tuple(
        Change(moment(entry.at), names.get(entry.by, entry.by), entry.event)
        for entry in reversed(entries)
        if isinstance(entry.event, ControlSet)
    )


def names_of(session: AnySession, people: Iterable[str]) -> dict[str, str]:
    """What the accounts behind `OPERATOR:<id>` are called."""
    ids = {int(who.partition(":")[2]): who for who in people if who.partition(":")[2].isdigit()}
    query = select(Account.id, Account.display_name).where(Account.id.in_(ids))
    return {ids[account_id]: name for account_id, name in session.execute(query)}


def holders(session: AnySession) -> dict[str, str]:
    """Accounts that have an authority of their own, by number."""
    own = select(ControlRow.subject).where(
        ControlRow.name == AUTHORITY_FEN, ControlRow.subject != EVERYBODY
    )
    people = [f"OPERATOR:{number}" for number in session.scalars(own)]
    return {who.partition(":")[2]: name for who, name in names_of(session, people).items()}
