"""Notices of refunds and transfers: sealed for the merchant, signed by the platform."""

from __future__ import annotations

import json
import secrets
from typing import Any

from portal.simulator.accounts import MCHID
from portal.simulator.bank import ABNORMAL, CLOSED, PAYOUT, PROCESSING, REVERSED, SUCCESS, Move
from portal.simulator.notices import Draft, Manner
from portal.simulator.outgoing import Queued
from portal.simulator.signing import seal
from portal.simulator.times import beijing
from portal.simulator.wechat.door import Door
from portal.simulator.wechat.refunds import amounts, received_account
from portal.simulator.wechat.transfers import transfer_fields

_SAID = {SUCCESS: "退款成功", ABNORMAL: "退款异常", CLOSED: "退款关闭"}


def wechat_manner(door: Door) -> Manner:
    """Only 200 and 204 end the sending."""
    return Manner(
        lambda move, queued: _write(door, move, queued), lambda code, _: code in (200, 204)
    )


def _write(door: Door, move: Move, queued: Queued) -> Draft | None:
    if move.kind == PAYOUT:
        if queued.event in (PROCESSING, REVERSED):
            return None
        kind, said = "MCHTRANSFER.BILL.FINISHED", "商家转账单据终态通知"
        about = transfer_fields(move) | {"mch_id": MCHID}
    elif queued.event in _SAID:
        kind, said = f"REFUND.{queued.event}", _SAID[queued.event]
        about = _refund(move, queued)
    else:
        return None
    return _sealed(door, queued, kind, said, about)


def _refund(move: Move, queued: Queued) -> dict[str, Any]:
    counted = amounts(move)
    names = ("total", "refund", "payer_refund")
    fields = {
        "mchid": MCHID,
        "transaction_id": move.provider_txn,
        "out_trade_no": move.merchant_txn,
        "refund_id": move.ref,
        "out_refund_no": move.number,
        "refund_status": queued.event,
        "user_received_account": received_account(move),
        "amount": {name: counted[name] for name in names} | {"payer_total": move.total_fen},
    }
    return fields | ({"success_time": beijing(queued.at)} if queued.event == SUCCESS else {})


def _sealed(door: Door, queued: Queued, kind: str, said: str, about: dict[str, Any]) -> Draft:
    plain = json.dumps(about, ensure_ascii=False, separators=(",", ":")).encode()
    context = "refund" if kind.startswith("REFUND") else "mch_payment"
    resource = seal(door.desk.keys.secret(f"{door.dialect.name}.apiv3"), plain, context)
    notice = {
        "id": queued.event_id,
        "create_time": beijing(queued.at),
        "resource_type": "encrypt-resource",
        "event_type": kind,
        "summary": said,
        "resource": resource | {"original_type": context},
    }
    content = json.dumps(notice, ensure_ascii=False, separators=(",", ":")).encode()
    stamp, nonce = str(int(door.desk.now().timestamp())), secrets.token_hex(16)
    signed = f"{stamp}\n{nonce}\n".encode() + content + b"\n"
    headers = door.stamp(stamp, nonce, signed, door.key_serial)
    return Draft({"Content-Type": "application/json", **headers}, content)
