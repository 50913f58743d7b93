"""All about one movement, for the operator alone: steps, calls with raw answers, decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.cases.state import Case
from portal.controls.listing import names_of
from portal.controls.queries import verdict
from portal.controls.rules import FROM, REFUND_ONLY
from portal.database import AnySession
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.events import MoneyApproved, MoneyOverridden, RefundState
from portal.history import load, load_case
from portal.refunds.reserving import is_covered
from portal.refunds.state import COVERED, OPEN, PAID, Movement
from portal.refunds.tables import CallRow, MovementRow, TurnRow
from portal.streams import case_stream
from portal.times import moment

MOST_CALLS = 100


@dataclass(frozen=True)
class Exchange:
    """One call or notice with what came back, word for word."""

    kind: str
    number: str
    call: int
    sent_at: datetime
    answered_at: datetime | None
    status: int
    verified: bool
    outcome: str
    code: str
    digest: str
    raw: str


@dataclass(frozen=True)
class Decision:
    """A person's word: an approval, or something done by hand. `what` is empty for an approval."""

    at: datetime
    who: str
    what: str
    text: str


@dataclass(frozen=True)
class Dossier:
    """`sentence` says why it does not go on, when it does not; `possible`: what may be decided."""

    case: Case
    movement: Movement
    exchanges: tuple[Exchange, ...]
    decisions: tuple[Decision, ...]
    sentence: str
    next_at: datetime | None
    blocked: str
    possible: tuple[str, ...]

    @property
    def steps(self) -> tuple[tuple[RefundState, str], ...]:
        return self.movement.states


# Why a movement rests, where the verdict of the controls does not say it.
BLOCKED = {
    "DECISION": _("这笔款停在这里，要人决定下一步。"),
    "NOT_AVAILABLE": _("这家支付机构现在做不了这件事，要人决定下一步。"),
}


def case_of(session: AnySession, refund_no: str) -> str:
    """Raises NotFound."""
    row = session.get(MovementRow, refund_no)
    if row is None:
        raise NotFound(_("没有这笔款"))
    return row.case_no


def dossier(session: AnySession, refund_no: str, now: datetime) -> Dossier:
    """Raises NotFound."""
    case = load_case(session, case_of(session, refund_no))
    movement = case.movement(refund_no)
    if movement is None:
        raise NotFound(_("没有这笔款"))
    turn = session.get(TurnRow, refund_no)
    return Dossier(
        case=case,
        movement=movement,
        exchanges=_exchanges(session, refund_no),
        decisions=_decisions(session, case, refund_no),
        sentence=_sentence(session, case, movement, turn, now),
        next_at=turn.next_at if turn else None,
        blocked=turn.blocked if turn else "",
        possible=tuple(
            what
            for what in possible(movement)
            if what != COVERED or is_covered(session, case, movement)
        ),
    )


def possible(movement: Movement) -> tuple[str, ...]:
    """What may be decided by hand in this state."""
    if movement.is_over:
        return ()
    return tuple(
        what
        for what, states in FROM.items()
        if (not states or movement.state in states) and not _is_done(movement, what)
    )


def _is_done(movement: Movement, what: str) -> bool:
    if what in REFUND_ONLY and movement.order.rail != "REFUND":
        return True
    if what == "OFFLINE" and movement.waiting:
        return True
    once = what in ("ADVANCE", "TO_PAYOUT", "CAP")
    return once and bool(movement.said(what))


def _sentence(
    session: AnySession, case: Case, movement: Movement, turn: TurnRow | None, now: datetime
) -> str:
    if movement.state in (*OPEN, *PAID) or movement.waiting or movement.is_final:
        return ""
    if turn and turn.blocked in BLOCKED:
        return BLOCKED[turn.blocked]
    return verdict(session, case, movement, movement.order.channel, now).sentence


def _exchanges(session: AnySession, refund_no: str) -> tuple[Exchange, ...]:
    query = select(CallRow).where(CallRow.refund_no == refund_no).order_by(CallRow.id.desc())
    return tuple(
        Exchange(
            kind=row.kind,
            number=row.number,
            call=row.call,
            sent_at=row.sent_at,
            answered_at=row.answered_at,
            status=row.status,
            verified=row.verified,
            outcome=row.outcome,
            code=row.code,
            digest=row.request_digest,
            raw=row.raw.decode(errors="replace"),
        )
        for row in session.scalars(query.limit(MOST_CALLS))
    )


def _decisions(session: AnySession, case: Case, refund_no: str) -> tuple[Decision, ...]:
    entries = [
        (entry, entry.event)
        for entry in load(session, case_stream(case.claim.case_no)).entries
        if isinstance(entry.event, MoneyApproved | MoneyOverridden)
        and entry.event.refund_no == refund_no
    ]
    names = names_of(session, (entry.by for entry, _event in entries))
    return tuple(
        Decision(
            moment(entry.at),
            names.get(entry.by, ""),
            event.what if isinstance(event, MoneyOverridden) else "",
            event.text,
        )
        for entry, event in entries
    )
