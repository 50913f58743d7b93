"""Filing a draft, once: one case number, one command id, whoever presses how often.

A draft keeps its number from before the append, so a repetition after a lost answer names the same
case. A number that another case holds is given up for the next one.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update

from portal.access import Actor
from portal.amounts import plain_yuan
from portal.cases.numbers import allocate
from portal.claims.assembly import assemble
from portal.claims.commands import FileClaim
from portal.claims.owned import own_draft, refuse_second
from portal.claims.queries import Order, own_order
from portal.claims.rules import check_claim
from portal.claims.tables import ClaimDraft
from portal.errors import BadInput, Refused
from portal.errors import sentence as _
from portal.history import load_case
from portal.house import House
from portal.idempotency import by
from portal.recorder import Receipt, receipt_of
from portal.words import REFUNDS

NUMBERS_TRIED = 20


@dataclass(frozen=True)
class Sent:
    case_no: str
    receipt: Receipt


def send(house: House, actor: Actor, draft_id: str) -> Sent:
    """File the claim once. Raises NotFound, BadInput, Refused, Unconfirmed."""
    with house.sessions() as session:
        draft = own_draft(session, actor, draft_id)
    sent = _already_sent(house, draft)
    if sent is None:
        check(house, actor, draft_id)  # before a number is spent on it
        sent = _file(house, actor, draft)
    return sent


def find_sent(house: House, actor: Actor, draft_id: str) -> Sent | None:
    """Where a draft that was sent stands in the ledger."""
    with house.sessions() as session:
        draft = own_draft(session, actor, draft_id)
    return _already_sent(house, draft)


def check(house: House, actor: Actor, draft_id: str) -> None:
    """Raise BadInput for the first thing that keeps the draft from being sent."""
    with house.sessions() as session:
        draft = own_draft(session, actor, draft_id)
        order = own_order(session, actor, draft.platform, draft.order_id)
        _check_complete(draft, order, assemble(session, draft, order, ""))


def finish_interrupted(house: House, slot: str) -> None:
    """A draft that was filed, but whose process died before noting it, is no draft any more."""
    with house.sessions() as session:
        draft = session.scalar(select(ClaimDraft).where(ClaimDraft.slot == slot))
    if draft is not None and draft.case_no:
        _already_sent(house, draft)


def _command_id(draft: ClaimDraft) -> str:
    return f"claim/{draft.id}"


def _already_sent(house: House, draft: ClaimDraft) -> Sent | None:
    entries = house.log.recorded(_command_id(draft))
    if entries is None:
        return None
    house.projection.catch_up()
    return _note_sent(house, draft, receipt_of(entries))


def _file(house: House, actor: Actor, draft: ClaimDraft) -> Sent:
    for _attempt in range(NUMBERS_TRIED):
        case_no = _number(house, draft)
        try:
            command = _command(house, actor, draft, case_no)
            receipt = house.recorder.record(command, by=by(actor), command_id=_command_id(draft))
            return _note_sent(house, draft, receipt)
        except Refused:
            sent = _sent_meanwhile(house, draft)
            if sent:
                return sent
            if not _is_taken(house, case_no):
                raise
            _give_up_number(house, draft, case_no)
    raise Refused(_("暂时取不到案号，请稍后再提交一次。"))


def _sent_meanwhile(house: House, draft: ClaimDraft) -> Sent | None:
    """The other half of a double tap was faster, perhaps in another process."""
    house.projection.catch_up()
    return _already_sent(house, draft)


def _number(house: House, draft: ClaimDraft) -> str:
    """The draft's case number; of two requests that both bring one, one number stays."""
    with house.sessions() as session:
        known = session.scalar(select(ClaimDraft.case_no).where(ClaimDraft.id == draft.id))
    if known:
        return known
    fresh = allocate(house.sessions, house.clock.now())
    free = (ClaimDraft.id == draft.id) & (ClaimDraft.case_no.is_(None))
    with house.sessions.begin() as session:
        session.execute(update(ClaimDraft).where(free).values(case_no=fresh))
    return _number(house, draft)


def _command(house: House, actor: Actor, draft: ClaimDraft, case_no: str) -> FileClaim:
    with house.sessions() as session:
        newest = own_draft(session, actor, draft.id)
        order = own_order(session, actor, newest.platform, newest.order_id)
        refuse_second(order, newest.line_ids)
        command = assemble(session, newest, order, case_no)
        _check_complete(newest, order, command)
        return command


def _check_complete(draft: ClaimDraft, order: Order, command: FileClaim) -> None:
    """The rules' own check first; then what only the order's earlier cases can tell."""
    check_claim(command.claim)
    left = order.refundable_fen(draft.line_ids)
    wanted = sum(r.amount_fen or 0 for r in command.claim.remedies if r.code in REFUNDS)
    if wanted > left:
        yuan = plain_yuan(left)
        raise BadInput("amount_fen", _("这件商品还可以退 ¥%(yuan)s，其余已经退过"), yuan=yuan)


def _is_taken(house: House, case_no: str) -> bool:
    with house.sessions() as session:
        return load_case(session, case_no).filed is not None


def _give_up_number(house: House, draft: ClaimDraft, case_no: str) -> None:
    """Never the number of a draft that was sent meanwhile."""
    unsent = (ClaimDraft.id == draft.id) & ClaimDraft.sent_at.is_(None)
    mine = unsent & (ClaimDraft.case_no == case_no)
    with house.sessions.begin() as session:
        session.execute(update(ClaimDraft).where(mine).values(case_no=None))


def _note_sent(house: House, draft: ClaimDraft, receipt: Receipt) -> Sent:
    case_no = receipt.stream.removeprefix("case/")
    noted = {"case_no": case_no, "sent_at": house.clock.now(), "slot": None}
    unsent = (ClaimDraft.id == draft.id) & ClaimDraft.sent_at.is_(None)
    with house.sessions.begin() as session:
        session.execute(update(ClaimDraft).where(unsent).values(**noted))
    return Sent(case_no, receipt)
