"""Taking a seat or leaving it: what an invited reviewer may know, and the answers.

An invitation shows what is needed to notice a tie, and nothing of the dispute itself: whoever has
not declared to have none does not read the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from portal.access import Actor
from portal.cases.tables import CaseRow, SeatRow
from portal.database import AnySession
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.house import House
from portal.idempotency import by
from portal.livestreams.tables import LivestreamRow
from portal.panels.commands import AnswerSeat, Recuse
from portal.panels.pool import open_seat
from portal.panels.tables import ReviewerRow
from portal.receipts import earlier_receipt
from portal.recorder import Receipt

# A sum says how much work and weight a case has; the exact one is part of the file.
CLASSES = (
    (20_000, _("不到 200 元")),
    (100_000, _("200 元到 1000 元")),
    (500_000, _("1000 元到 5000 元")),
)
ABOVE = _("5000 元以上")


@dataclass(frozen=True)
class Load:
    """How many seats of a reviewer wait for them, and how many may."""

    held: int
    quota: int


@dataclass(frozen=True)
class Invitation:
    """`amounts` is a class of sums, as a sentence; without a session there is no host or room."""

    case_no: str
    title: str
    shop: str
    host: str
    room: str
    amounts: str
    seats: int
    due_at: datetime | None


def invitation(session: AnySession, actor: Actor, case_no: str) -> Invitation:
    """Raises NotFound for a case in which this actor has no unanswered invitation."""
    query = (
        select(CaseRow)
        .join(SeatRow, SeatRow.case_no == CaseRow.case_no)
        .where(
            CaseRow.case_no == case_no,
            SeatRow.reviewer_id == (actor.reviewer_id or ""),
            SeatRow.state == "INVITED",
        )
    )
    row = session.scalar(query)
    if row is None:
        raise NotFound(_("没有这份邀请，或者你已经答复过"))
    stream = session.get(LivestreamRow, (row.platform, row.session_id)) if row.session_id else None
    return Invitation(
        case_no=row.case_no,
        title=row.title,
        shop=row.shop,
        host=stream.host if stream else "",
        room=stream.room_title if stream else "",
        amounts=class_of(row.claimed_fen),
        seats=row.seats,
        due_at=row.due_at,
    )


def class_of(amount_fen: int) -> str:
    """The class of a sum, as a message id."""
    return next((label for limit, label in CLASSES if amount_fen < limit), ABOVE)


def load_of(session: AnySession, actor: Actor) -> Load:
    """What waits for this reviewer against the own quota; an unknown one may hold nothing."""
    held = (
        select(func.count())
        .select_from(SeatRow)
        .join(CaseRow, CaseRow.case_no == SeatRow.case_no)
        .where(SeatRow.reviewer_id == (actor.reviewer_id or ""), open_seat())
    )
    row = session.get(ReviewerRow, actor.reviewer_id or "")
    return Load(session.scalar(held) or 0, row.quota if row else 0)


def answer(house: House, actor: Actor, wish: AnswerSeat, name: str) -> Receipt:
    """Record an answer under its command id. Raises NotFound, Refused, BadInput."""
    receipt = earlier_receipt(house, name)
    if receipt is None:
        _expect_seat(house, actor, wish.case_no)
        receipt = house.recorder.record(wish, by=by(actor), command_id=name)
    return receipt


def recuse(house: House, actor: Actor, wish: Recuse, name: str) -> Receipt:
    """Record that an accepted reviewer leaves. Raises NotFound, Refused, BadInput."""
    receipt = earlier_receipt(house, name)
    if receipt is None:
        _expect_seat(house, actor, wish.case_no)
        receipt = house.recorder.record(wish, by=by(actor), command_id=name)
    return receipt


def _expect_seat(house: House, actor: Actor, case_no: str) -> None:
    """To everybody else the case does not exist."""
    with house.sessions() as session:
        found = session.get(SeatRow, (case_no, actor.reviewer_id or ""))
    if found is None or found.state not in ("INVITED", "ACCEPTED"):
        raise NotFound(_("没有这个案件，或者你不在它的评审席上"))
