"""Notices: of a trade's refunds, of the bank's part, and of transfers.

A notice of a payment is signed without `sign` and `sign_type`; a message of the message service,
such as the bank's word on a refund, without `sign` alone.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from portal.simulator.accounts import ALIPAY_APP
from portal.simulator.alipay.fund import transfer_fields
from portal.simulator.alipay.gateway import NAME, signed_part
from portal.simulator.alipay.trade import deposit_info
from portal.simulator.bank import PAYOUT, SUCCESS, Move
from portal.simulator.notices import Draft, Manner
from portal.simulator.outgoing import Queued
from portal.simulator.signing import rsa_sign
from portal.simulator.store import text_of
from portal.simulator.times import clock_text
from portal.simulator.wire import Desk
from portal.simulator.yuan import yuan

_BANK = ("DEPOSIT_DONE", "DEPOSIT_FAILED")


def alipay_manner(desk: Desk) -> Manner:
    """Only the word success ends the sending."""
    return Manner(
        lambda move, queued: _write(desk, move, queued),
        lambda status, content: status == 200 and content.strip() == b"success",
    )


def _write(desk: Desk, move: Move, queued: Queued) -> Draft | None:
    if queued.event in _BANK:
        about = {
            "trade_no": move.provider_txn,
            "out_trade_no": move.merchant_txn,
            "out_request_no": move.number,
            **deposit_info(move),
        }
        return _message(desk, queued, "alipay.trade.refund.depositback.completed", about)
    if move.kind == PAYOUT:
        return _message(desk, queued, "alipay.fund.trans.order.changed", transfer_fields(move))
    return _trade(desk, move, queued) if queued.event == SUCCESS else None


def _trade(desk: Desk, move: Move, queued: Queued) -> Draft:
    fields = {
        "notify_time": clock_text(text_of(desk.now())),
        "notify_type": "trade_status_sync",
        "notify_id": queued.event_id,
        "app_id": ALIPAY_APP,
        "charset": "utf-8",
        "version": "1.0",
        "trade_no": move.provider_txn,
        "out_trade_no": move.merchant_txn,
        "out_biz_no": move.number,
        "trade_status": "TRADE_SUCCESS",
        "total_amount": yuan(move.total_fen),
        "refund_fee": yuan(move.amount_fen),
        "gmt_refund": clock_text(queued.at),
    }
    return _signed(desk, fields)


def _message(desk: Desk, queued: Queued, method: str, about: dict[str, Any]) -> Draft:
    fields = {
        "notify_id": queued.event_id,
        "utc_timestamp": str(int(desk.now().timestamp() * 1000)),
        "msg_method": method,
        "app_id": ALIPAY_APP,
        "version": "1.1",
        "charset": "utf-8",
        "sign_type": "RSA2",
        "biz_content": json.dumps(about, ensure_ascii=False, separators=(",", ":")),
    }
    return _signed(desk, fields)


def _signed(desk: Desk, fields: dict[str, str]) -> Draft:
    said = {name: value for name, value in fields.items() if value}
    sign = rsa_sign(desk.keys.private(f"{NAME}.platform"), signed_part(said))
    content = urlencode(said | {"sign_type": "RSA2", "sign": sign}).encode()
    kind = "application/x-www-form-urlencoded; charset=utf-8"
    return Draft({"Content-Type": kind}, content)
