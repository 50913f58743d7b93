"""A deposit's word never goes back in time, no more is recouped than was advanced, and a provider
is asked to give back only what nobody else has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from portal.books.advances import outstanding_fen
from portal.books.commands import MoveReturn, RecordRecoup, SetDeposit, WantReturn
from portal.books.returns import (
    ASKED,
    DONE,
    FAILED,
    WANTED,
    newest,
    number_of,
    pending,
    returnable_fen,
)
from portal.cases.state import Case
from portal.errors import BadInput, Refused
from portal.errors import sentence as _
from portal.events import DepositSet, Event, RecoupRecorded, RecoupState
from portal.refunds.state import Movement
from portal.times import moment

HOWS = ("TRANSFER", "WITHHELD", "PROVIDER")
SKEW = timedelta(minutes=5)  # how far another clock may be ahead
REFERENCE_LIMIT = 128
NAME_LIMIT = 128
TEXT_LIMIT = 1_000


def set_deposit(
    history: Sequence[DepositSet], command: SetDeposit, now: datetime
) -> tuple[Event, ...]:
    """One DEPOSIT_SET, newer than the last one and not from the future."""
    _check_name("shop_id", command.shop_id)
    _check_name("account", command.account)
    as_of = moment(command.as_of)
    if as_of > now + SKEW:
        raise BadInput("as_of", _("时间还没到，请检查时钟"))
    if history and as_of <= moment(history[-1].as_of):
        known = history[-1].as_of
        raise BadInput("as_of", _("已有同一时刻或更新的余额（%(at)s）"), at=known)
    return (
        DepositSet(
            platform=command.platform,
            shop_id=command.shop_id,
            account=command.account,
            available_fen=command.available_fen,
            floor_fen=command.floor_fen,
            as_of=command.as_of,
        ),
    )


def _check_name(field: str, text: str) -> None:
    """What becomes a key in a database."""
    if not (0 < len(text) <= NAME_LIMIT and text.isprintable()):
        raise BadInput(field, _("要写 1 到 %(most)s 个可见的字"), most=NAME_LIMIT)


def record_recoup(case: Case, command: RecordRecoup, now: datetime) -> tuple[Event, ...]:
    """One RECOUP_RECORDED, once the advance has been paid out and up to what is outstanding."""
    movement = case.movement(command.refund_no)
    if movement is None or not movement.is_paid or outstanding_fen(movement) <= 0:
        raise Refused(_("这笔款没有待追偿的垫付"))
    if pending(movement):  # what it may have taken from the shop must not be taken again
        raise Refused(_("正在请支付机构回补这笔垫付，有了结果再记"))
    if not 0 < command.amount_fen <= outstanding_fen(movement):
        raise BadInput("amount_fen", _("金额要大于零，且不超过还没有收回的部分"))
    if command.how not in HOWS:
        raise BadInput("how", _("请从列表里选"))
    if not 0 < len(command.reference.strip()) <= REFERENCE_LIMIT:
        raise BadInput("reference", _("请填写凭证号，最多 %(most)s 个字"), most=REFERENCE_LIMIT)
    event = RecoupRecorded(
        command.refund_no, command.amount_fen, command.how, command.reference.strip()
    )
    return (event,)


def want_return(case: Case, command: WantReturn, now: datetime) -> tuple[Event, ...]:
    """RECOUP_STATE WANTED, where the provider may give the whole back and nothing is under way."""
    movement = case.movement(command.refund_no)
    if movement is None or not returnable_fen(movement):
        raise Refused(_("这笔垫付不能请支付机构回补"))
    last, text = newest(movement), command.text.strip()
    if last is not None and last.state in (ASKED, WANTED):
        raise Refused(_("已经在请支付机构回补"))
    if not 0 < len(text) <= TEXT_LIMIT:
        raise BadInput("text", _("请写 %(least)s 到 %(most)s 个字"), least=1, most=TEXT_LIMIT)
    fen = returnable_fen(movement)
    if fen > command.authority_fen:
        raise Refused(_("这笔金额超过你的批准额度，请额度更高的管理员处理"))
    return (RecoupState(movement.refund_no, WANTED, fen, text=text, approver=command.approver),)


def move_return(case: Case, command: MoveReturn, now: datetime) -> tuple[Event, ...]:
    """RECOUP_STATE, and with DONE the RECOUP_RECORDED that it is."""
    step, movement = command.step, case.movement(command.step.refund_no)
    if movement is None or not _follows(movement, step):
        raise Refused(_("这笔款没有待追偿的垫付"))
    if step.state != DONE:
        return (step,)
    back = RecoupRecorded(step.refund_no, step.amount_fen, "PROVIDER", step.provider_ref)
    return (step, back)


def _follows(movement: Movement, step: RecoupState) -> bool:
    """An intent only for the whole of what is outstanding, under the same bytes when it is asked
    again; an end only of the intent that is open."""
    asked = pending(movement)
    if step.state in (DONE, FAILED):
        return asked is not None and (asked.number, asked.amount_fen) == (
            step.number,
            step.amount_fen,
        )
    if step.state != ASKED or step.amount_fen != returnable_fen(movement):
        return False
    if asked is not None:
        return (asked.number, asked.request_digest) == (step.number, step.request_digest)
    return step.number == number_of(movement)
