"""A newer snapshot adds to what is known of an order; it never contradicts it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from portal.errors import BadInput
from portal.errors import sentence as _
from portal.events import Event, OrderRecorded
from portal.orders.commands import RecordOrder
from portal.times import moment

SKEW = timedelta(minutes=5)  # how far another clock may be ahead


def record_order(
    history: Sequence[OrderRecorded], command: RecordOrder, now: datetime
) -> tuple[Event, ...]:
    """One ORDER_RECORDED; BadInput names the part that contradicts an earlier snapshot, or a time
    that is still to come: nothing could ever be newer than that, its deposit neither."""
    if moment(command.snapshot_at) > now + SKEW:
        raise BadInput("snapshot_at", _("时间还没到，请检查时钟"))
    if history:
        _refuse_older(history[-1], command)
        _refuse_contradiction(history[-1], command)
    return (
        OrderRecorded(
            platform=command.platform,
            order_id=command.order_id,
            snapshot_at=command.snapshot_at,
            digest=command.digest,
            signature=command.signature,
            core=command.core,
            refunded=command.refunded,
            snapshot=command.snapshot,
        ),
    )


def _refuse_older(latest: OrderRecorded, command: RecordOrder) -> None:
    if moment(command.snapshot_at) <= moment(latest.snapshot_at):
        known = latest.snapshot_at
        raise BadInput("snapshot_at", _("已有同一时刻或更新的快照（%(at)s）"), at=known)


def _refuse_contradiction(latest: OrderRecorded, command: RecordOrder) -> None:
    for field, digest in latest.core.items():
        if command.core.get(field) != digest:
            raise BadInput(field, _("与先前的快照矛盾，快照只能增加，不能改写"))
    for payment, amount_fen in latest.refunded.items():
        if command.refunded.get(payment, 0) < amount_fen:
            raise BadInput(f"payments.{payment}.already_refunded", _("已退金额不能变少"))
