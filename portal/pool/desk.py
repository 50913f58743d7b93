"""What the operator and a reviewer wish of the pool, put together for web and API alike."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import select

from portal.access import Actor
from portal.cases.tables import CaseRow, SeatRow
from portal.database import AnySession
from portal.errors import NotFound, Refused
from portal.errors import sentence as _
from portal.house import House
from portal.idempotency import by
from portal.operations.desk import Issued, NewAccount, open_account
from portal.panels.commands import RemoveReviewer
from portal.panels.seating import SEATED
from portal.panels.tables import ReviewerRow
from portal.pool.commands import (
    ChangeReviewer,
    EnrollReviewer,
    JudgePractice,
    PauseMyself,
    SetReviewerState,
)
from portal.pool.practice import CASES, PracticeCase
from portal.pool.rules import open_set
from portal.pool.state import fold_pool
from portal.pool.ties import Ties, checked, write_ties
from portal.recorder import Receipt
from portal.streams import POOL


@dataclass(frozen=True)
class Welcome:
    """A reviewer and, when there is an address, the account; `name` is the command id."""

    reviewer: EnrollReviewer
    account: NewAccount | None
    name: str
    ties: Ties = field(default_factory=dict)


def welcome(session: AnySession, house: House, actor: Actor, wish: Welcome) -> Issued | None:
    """Enroll, then make the account; both are tried out first, because nothing recorded can be
    taken back. Raises Refused, BadInput; the caller then rolls the session back."""
    ties = checked(wish.ties)
    if wish.account:
        open_account(session, wish.account, house.clock.now())
        session.rollback()
    record(house, actor, wish.reviewer, wish.name)
    write_ties(session, wish.reviewer.reviewer_id, ties, "DECLARED", house.clock.now())
    issued = open_account(session, wish.account, house.clock.now()) if wish.account else None
    session.commit()
    return issued


Wish = EnrollReviewer | ChangeReviewer | SetReviewerState | PauseMyself | JudgePractice


def record(house: House, actor: Actor, wish: Wish, name: str) -> Receipt:
    """One entry of the pool's stream; `name` is the command id. Raises Refused, BadInput."""
    return house.recorder.record(wish, by=by(actor), command_id=name)


def set_state(house: House, actor: Actor, wish: SetReviewerState, name: str) -> Receipt:
    """Also off every panel under way, when somebody is removed. Repeating it finishes it."""
    receipt = record(house, actor, wish, name)
    going = _open_cases(house, wish.reviewer_id) if wish.state == "REMOVED" else ()
    for case_no in going:
        off = RemoveReviewer(case_no, wish.reviewer_id, "OTHER", wish.reason)
        with suppress(Refused):  # the panel has just closed its voting, or the seat is free
            house.recorder.record(off, by=by(actor), command_id=f"{name}/{case_no}")
    return receipt


def _open_cases(house: House, reviewer_id: str) -> tuple[str, ...]:
    query = select(SeatRow.case_no).join(CaseRow, CaseRow.case_no == SeatRow.case_no)
    mine = (
        SeatRow.reviewer_id == reviewer_id,
        SeatRow.state.in_(("INVITED", "ACCEPTED")),
        CaseRow.state.in_(SEATED),
    )
    with house.sessions() as session:
        return tuple(session.scalars(query.where(*mine).order_by(SeatRow.case_no)))


def member(session: AnySession, reviewer_id: str | None) -> ReviewerRow:
    """A reviewer's row. Raises NotFound."""
    row = session.get(ReviewerRow, reviewer_id) if reviewer_id else None
    if row is None:
        raise NotFound(_("评审库里没有这位评审员"))
    return row


def practice_case(number: str) -> PracticeCase:
    """Raises NotFound."""
    if number not in CASES:
        raise NotFound(_("没有这个练习"))
    return CASES[number]


def judge(house: House, actor: Actor, number: str, choice: str, name: str) -> None:
    """Record how the actor decides a practice case. Raises Refused, BadInput, NotFound."""
    case = practice_case(number)
    record(house, actor, JudgePractice(actor.reviewer_id or "", case.number, choice), name)


def may_begin_again(house: House, reviewer_id: str) -> bool:
    """Whether a new set of practice cases may begin now, asked of the rule itself."""
    members = fold_pool(house.projection.stream(POOL).events)
    try:
        return not open_set(members[reviewer_id], house.clock.now())
    except (KeyError, Refused):
        return False
