"""A deposit's word never goes back in time, and no more is recouped than was advanced."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from portal.books.advances import outstanding_fen
from portal.books.commands import RecordRecoup, SetDeposit
from portal.cases.state import Case
from portal.errors import BadInput, Refused
from portal.errors import sentence as _
from portal.events import DepositSet, Event, RecoupRecorded
from portal.times import moment

HOWS = ("TRANSFER", "WITHHELD", "PROVIDER")
SKEW = timedelta(minutes=5)  # how far another clock may be ahead
REFERENCE_LIMIT = 128
NAME_LIMIT = 128


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
