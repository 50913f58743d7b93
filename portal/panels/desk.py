"""A reviewer's vote, from what was filled in to the sealed ballot in the ledger."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from portal.access import Actor
from portal.cases.access import visible_case
from portal.cases.state import Case
from portal.errors import BadInput, NotFound
from portal.errors import sentence as _
from portal.events import Seat
from portal.house import House
from portal.idempotency import by
from portal.panels.commands import CastBallot
from portal.panels.rules import claimed_of, seat_to_vote
from portal.panels.sealing import seal
from portal.receipts import earlier_receipt
from portal.recorder import Receipt
from portal.times import stamp
from reviewers import ballot as ballots
from reviewers.ballot import Ballot, Choice, Claimed, Reason
from reviewers.errors import BallotRefused

Code = TypeVar("Code", bound=StrEnum)

REFUSALS: dict[str, str] = {
    "NO_REASON": _("请至少选一个理由"),
    "UNKNOWN_REASON": _("有一个理由不在列表里"),
    "NO_CITATION": _("请至少引用一处凭证或回放时刻"),
    "TOO_MANY_CITATIONS": _("引用太多，请只留最要紧的"),
    "UNKNOWN_CITATION": _("引用的凭证或时刻不在本案里"),
    "NEGATIVE_AMOUNT": _("金额不能小于 0"),
    "AMOUNT_TOO_HIGH": _("金额不能高于买家的请求"),
    "UNKNOWN_REMEDY": _("处理方式不在列表里"),
    "PARTIAL_WITHOUT_AMOUNT": _("部分支持要写明金额"),
    "NO_TEXT": _("请写明理由"),
    "TEXT_TOO_LONG": _("理由太长，最多 2000 个字"),
    "UNREADABLE": _("有内容无法读取，请检查后再提交"),
}


@dataclass(frozen=True)
class Vote:
    """What a reviewer filled in; amounts in fen, citations as reviewers.ballot knows them."""

    choice: str
    amount_fen: int = 0
    compensation_fen: int = 0
    remedy: str | None = None
    reasons: tuple[str, ...] = ()
    text: str = ""
    citations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Slip:
    """What the reviewer keeps: the digest of the sealed ballot, and where it is recorded."""

    code: str  # hex SHA-256 of the sealed ballot as stored
    receipt: Receipt


@dataclass(frozen=True)
class HeldSeat:
    """A case and the actor's own seat in it."""

    case: Case
    seat: Seat


def cast(house: House, actor: Actor, case_no: str, vote: Vote, wish: str) -> Slip:
    """Check, seal and record one vote; `wish` is the command id. The same wish gives one vote.

    Raises Refused when this person may not vote now, BadInput for a ballot that cannot count.
    """
    receipt = earlier_receipt(house, wish)
    if receipt is None:
        held = held_seat(house, actor, case_no)
        sealed = seal(house.files, held.case, _ballot(held, vote, house))
        command = CastBallot(case_no, held.seat.reviewer_id, sealed)
        receipt = house.recorder.record(command, by=by(actor), command_id=wish)
    return Slip(_code_of(held_seat(house, actor, case_no)), receipt)


def held_seat(house: House, actor: Actor, case_no: str) -> HeldSeat:
    """The seat that this actor holds. Raises NotFound."""
    with house.sessions() as session:
        case = visible_case(session, actor, case_no)
    seat = case.seat_of(actor.reviewer_id or "")
    if seat is None:
        raise NotFound(_("没有这个案件，或者你不在它的评审席上"))
    return HeldSeat(case, seat)


def _code_of(held: HeldSeat) -> str:
    return next(b.sealed.blob for b in held.case.ballots if b.seat == held.seat.number)


def _ballot(held: HeldSeat, vote: Vote, house: House) -> Ballot:
    """A ballot that will count. Nothing is sealed for somebody who may not vote."""
    now = house.clock.now()
    seat = seat_to_vote(held.case, held.seat.reviewer_id, now)
    assert held.case.called is not None, "a seat without a panel"
    ceiling = claimed_of(held.case.called)
    try:
        ballot = as_claimed(_filled(seat.number, vote, stamp(now)), ceiling)
        ballots.check(ballot, ceiling)
    except BallotRefused as refused:
        raise BadInput(refused.field, REFUSALS[refused.code]) from refused
    return ballot


def _filled(seat: int, vote: Vote, cast_at: str) -> Ballot:
    return Ballot(
        seat=seat,
        choice=_known(Choice, vote.choice, "choice"),
        amount_fen=vote.amount_fen,
        compensation_fen=vote.compensation_fen,
        remedy=vote.remedy or None,
        reasons=tuple(_known(Reason, code, "reasons") for code in vote.reasons),
        text=vote.text.strip(),
        citations=vote.citations,
        cast_at=cast_at,
    )


def _known(codes: type[Code], value: str, field: str) -> Code:
    try:
        return codes(value)
    except ValueError:
        raise BadInput(field, _("请从列表里选")) from None


def as_claimed(ballot: Ballot, ceiling: Claimed) -> Ballot:
    """Support means the claim as made, so its amounts are the claim's."""
    if ballot.choice != Choice.SUPPORT_CLAIMANT:
        return ballot
    return replace(
        ballot,
        amount_fen=ceiling.refund_fen,
        compensation_fen=ceiling.compensation_fen,
        remedy=None,
    )
