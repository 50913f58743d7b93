"""A reviewer's vote, from what was filled in to the sealed ballot in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import TypeVar

from portal.access import Actor
from portal.cases.access import visible_case
from portal.cases.state import Case
from portal.errors import BadInput, NotFound, Refused
from portal.errors import sentence as _
from portal.events import Seat
from portal.house import House
from portal.idempotency import by
from portal.panels.commands import CastBallot
from portal.panels.opened import note_opened, opened_by
from portal.panels.rules import check_opened, claimed_of, seat_to_vote
from portal.panels.sealing import Sealed, context_of, seal, take
from portal.receipts import earlier_receipt
from portal.recorder import Receipt
from portal.times import stamp
from reviewers import ballot as ballots
from reviewers.ballot import Ballot, Choice, Claimed, Reason
from reviewers.errors import BallotRefused, EnvelopeRefused

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
    "OTHER_SEAT": _("票里写的席位和投票的席位不同"),
    "UNOPENABLE": _("这张票打不开"),
    "UNKNOWN_PARTY": _("责任方不在列表里"),
    "BAD_SHARES": _("各方责任加起来要正好是一百"),
}
# What may be wrong with a ballot that was sealed before it came here.
ENVELOPES: dict[str, str] = {
    "TOO_LARGE": _("封好的票太大，请刷新页面再试"),
    "UNREADABLE": _("封好的票格式不对，请刷新页面再试"),
    "OTHER_CONTEXT": _("这张票不是为你在本案的席位封的，请刷新页面再试"),
    "OTHER_TRUSTEES": _("这张票不是封给本案保管人的，请刷新页面再试"),
}


@dataclass(frozen=True)
class Vote:
    """What a reviewer filled in; amounts in fen, citations and liability as reviewers.ballot has
    them."""

    choice: str
    amount_fen: int = 0
    compensation_fen: int = 0
    remedy: str | None = None
    reasons: tuple[str, ...] = ()
    text: str = ""
    citations: tuple[str, ...] = ()
    liability: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Slip:
    """What the reviewer keeps: the digest of the sealed ballot, and where it is recorded."""

    code: str  # hex SHA-256 of the envelope; without trustees, of the encrypted file
    receipt: Receipt
    repeated: bool = field(default=False, compare=False)  # this very wish was recorded before


@dataclass(frozen=True)
class HeldSeat:
    """A case and the actor's own seat in it."""

    case: Case
    seat: Seat


def cast(house: House, actor: Actor, case_no: str, vote: Vote, wish: str) -> Slip:
    """Check, seal and record one vote; `wish` is the command id. The same wish gives one vote.

    Raises Refused when this person may not vote now, BadInput for a ballot that cannot count.
    """

    def sealed(held: HeldSeat) -> Sealed:
        return seal(house.files, held.case, _ballot(held, vote, stamp(house.clock.now())))

    return _commit(house, actor, case_no, sealed, wish)


def cast_sealed(house: House, actor: Actor, case_no: str, envelope: bytes, wish: str) -> Slip:
    """Record a ballot that was sealed by its voter: what it says is known at the opening.

    Raises as cast() does; BadInput for an envelope of another form, seat or panel.
    """

    def sealed(held: HeldSeat) -> Sealed:
        assert held.case.drawn is not None, "a seat without a panel"
        if not held.case.drawn.trustees:
            raise Refused(_("本案的票由服务器封存，请直接提交票"))
        try:
            return take(house.files, held.case, held.seat.number, envelope)
        except EnvelopeRefused as refused:
            raise BadInput("envelope", ENVELOPES[refused.code]) from refused

    return _commit(house, actor, case_no, sealed, wish)


def _commit(
    house: House, actor: Actor, case_no: str, sealed: Callable[[HeldSeat], Sealed], wish: str
) -> Slip:
    """Nothing is sealed or stored for somebody who may not vote now."""
    receipt = earlier_receipt(house, wish)
    repeated = receipt is not None
    if receipt is None:
        held = held_seat(house, actor, case_no)
        seat_to_vote(held.case, held.seat.reviewer_id, house.clock.now())
        opened = opened_of(house, held)
        check_opened(held.case, opened)
        given = sealed(held)
        command = CastBallot(
            case_no, held.seat.reviewer_id, given.file, given.slip, given.by, opened
        )
        receipt = house.recorder.record(command, by=by(actor), command_id=wish)
    return Slip(_code_of(held_seat(house, actor, case_no)), receipt, repeated)


def open_exhibits(house: House, actor: Actor, case_no: str, numbers: Iterable[str]) -> HeldSeat:
    """Note that the actor has opened these exhibits. Raises NotFound without a seat, Refused
    before the invitation is accepted."""
    held = held_seat(house, actor, case_no)
    if held.seat.state != "ACCEPTED":
        raise Refused(_("先接受邀请，再看材料和投票"))
    now = house.clock.now()
    note_opened(house.sessions, held.case, held.seat.reviewer_id, numbers, now)
    return held


def sealing_for(house: House, actor: Actor, case_no: str) -> dict[str, object]:
    """Context and trustees that the actor's ballot has to be sealed for. Raises NotFound."""
    held = held_seat(house, actor, case_no)
    trustees = held.case.drawn.trustees if held.case.drawn else ()
    return {
        "context": asdict(context_of(held.case, held.seat.number)),
        "trustees": [{"name": t.name, "holder": t.holder, "key": t.key} for t in trustees],
    }


def opened_of(house: House, held: HeldSeat) -> tuple[str, ...]:
    """Which exhibits this reviewer has opened in this case."""
    with house.sessions() as session:
        return opened_by(session, held.case.claim.case_no, held.seat.reviewer_id)


def held_seat(house: House, actor: Actor, case_no: str) -> HeldSeat:
    """The seat that this actor holds. Raises NotFound."""
    with house.sessions() as session:
        case = visible_case(session, actor, case_no)
    seat = case.seat_of(actor.reviewer_id or "")
    if seat is None:
        raise NotFound(_("没有这个案件，或者你不在它的评审席上"))
    return HeldSeat(case, seat)


def _code_of(held: HeldSeat) -> str:
    """Raises Refused when what was recorded under this wish was no ballot of this seat."""
    for ballot in held.case.ballots:
        if ballot.seat == held.seat.number:
            return ballot.slip
    raise Refused(_("这个请求编号已经用于别的操作，请换一个"))


def _ballot(held: HeldSeat, vote: Vote, cast_at: str) -> Ballot:
    """A ballot that will count."""
    assert held.case.called is not None, "a seat without a panel"
    ceiling = claimed_of(held.case.called)
    try:
        ballot = as_claimed(_filled(held.seat.number, vote, cast_at), ceiling)
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
        liability=vote.liability,
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
