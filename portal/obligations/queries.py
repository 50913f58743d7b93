"""Obligations in lists: what a shop has to do, what the offices see was not done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from portal.access import Actor, Role
from portal.cases.access import of_shop
from portal.database import AnySession
from portal.obligations.tables import ObligationRow

SHOWN = 100


@dataclass(frozen=True)
class Line:
    """One obligation of a list; `due_at` is None when it is over."""

    case_no: str
    number: str
    code: str
    debtor: str
    shop: str
    title: str
    state: str
    turn: str
    refunded_fen: int
    heard_at: datetime
    due_at: datetime | None


@dataclass(frozen=True)
class Load:
    """How many obligations wait for this debtor, at most SHOWN + 1, and the nearest deadline."""

    count: int
    first_due_at: datetime | None


def to_keep(session: AnySession, actor: Actor) -> tuple[Line, ...]:
    """What waits for this shop or platform, the shortest time first."""
    mine = _mine(actor)
    return _lines(session, [] if mine is None else [mine], ObligationRow.due_at)


def broken(session: AnySession) -> tuple[Line, ...]:
    """What was not kept and has no refund in its place, the newest first: for the offices."""
    lost = [ObligationRow.state == "FAILED", ObligationRow.refunded_fen == 0]
    return _lines(session, lost, ObligationRow.heard_at.desc())


def load(session: AnySession, actor: Actor) -> Load:
    """Bounded: a shop with a million obligations is counted as fast as one with ten."""
    mine = _mine(actor)
    if mine is None:
        return Load(0, None)
    due = select(ObligationRow.due_at).where(mine)
    bounded = due.limit(SHOWN + 1).subquery()
    count = session.scalar(select(func.count()).select_from(bounded)) or 0
    return Load(count, session.scalar(due.order_by(ObligationRow.due_at).limit(1)))


def due_of_disputes(session: AnySession, case_nos: list[str]) -> dict[str, datetime]:
    """By case: until when an officer has to decide about an obligation."""
    query = select(ObligationRow.case_no, func.min(ObligationRow.due_at)).where(
        ObligationRow.case_no.in_(case_nos), ObligationRow.turn == "OFFICER"
    )
    rows = session.execute(query.group_by(ObligationRow.case_no))
    return {case_no: due_at for case_no, due_at in rows if due_at}


def _mine(actor: Actor) -> ColumnElement[bool] | None:
    if actor.has(Role.MERCHANT) and actor.shop_id:
        return of_shop(actor, ObligationRow) & (ObligationRow.turn == "MERCHANT")
    if actor.has(Role.PLATFORM) and actor.platform:
        return (ObligationRow.platform == actor.platform) & (ObligationRow.turn == "PLATFORM")
    return None


def _lines(
    session: AnySession, conditions: list[ColumnElement[bool]], order: object
) -> tuple[Line, ...]:
    if not conditions:
        return ()
    query = select(ObligationRow).where(*conditions)
    rows = session.scalars(query.order_by(order, ObligationRow.case_no).limit(SHOWN))  # type: ignore[arg-type]
    return tuple(_line(row) for row in rows)


def _line(row: ObligationRow) -> Line:
    return Line(
        case_no=row.case_no,
        number=row.number,
        code=row.code,
        debtor=row.debtor,
        shop=row.shop,
        title=row.title,
        state=row.state,
        turn=row.turn,
        refunded_fen=row.refunded_fen,
        heard_at=row.heard_at,
        due_at=row.due_at,
    )
