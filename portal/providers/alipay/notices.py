"""Notifications of Alipay: of the bank's part of a refund, and of a trade that changed.

A trade's notification tells only the sum of all its refunds, a transfer's none: each is a reason to
query and no proof.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.providers.alipay.answers import with_bank
from portal.providers.alipay.gateway import Gateway
from portal.providers.conversions import (
    fields_of,
    text_of,
    universal_from_beijing,
    universal_from_seconds,
)
from portal.providers.signing import WINDOW_SECONDS
from portal.providers.values import Answer, Forged, Notice, Outcome
from portal.times import moment

DEPOSIT_BACK = "alipay.trade.refund.depositback.completed"


def read_notice(gateway: Gateway, content: bytes, now: datetime) -> Notice:
    """Raises Forged."""
    fields = gateway.vouched(content)
    if fields.get("app_id") != gateway.account.app_id:
        raise Forged("about another application")
    _refuse_stale(fields, now)
    if fields.get("msg_method") == DEPOSIT_BACK:
        return Notice(fields.get("notify_id", "")[:128], _bank_leg(fields, content))
    number = fields.get("out_biz_no", "")[:64] or text_of(_business(fields), "out_biz_no", 64)
    about = Answer(Outcome.UNKNOWN, number, content, 200, verified=True, code="ASK")
    return Notice(fields.get("notify_id", "")[:128], about)


def _refuse_stale(fields: Mapping[str, str], now: datetime) -> None:
    at = universal_from_beijing(fields.get("notify_time"))
    milliseconds = fields.get("utc_timestamp", "")
    if milliseconds.isascii() and milliseconds.isdigit() and len(milliseconds) < 16:
        at = universal_from_seconds(int(milliseconds) // 1000)
    if not at or abs((now - moment(at)).total_seconds()) >= WINDOW_SECONDS:
        raise Forged("older than five minutes, or without a time")


def _business(fields: Mapping[str, str]) -> dict[str, Any]:
    return fields_of(fields.get("biz_content", "").encode())


def _bank_leg(fields: Mapping[str, str], content: bytes) -> Answer:
    """`dback_amount` is the bank's part alone, of a payment that came from several places: it says
    nothing of the refund's sum."""
    leg = _business(fields)
    answer = Answer(
        Outcome.SUCCESS,
        text_of(leg, "out_request_no", 64),
        content,
        200,
        verified=True,
        provider_ref=text_of(leg, "trade_no"),
        provider_at=universal_from_beijing(leg.get("bank_ack_time")),
        route="ORIGINAL",
    )
    return with_bank(answer, leg)
