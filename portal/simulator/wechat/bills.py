"""The bill of a day: ready at ten the next morning, in yuan, with a digest and totals.

Columns as pay.weixin.qq.com describes them: 27 for all trade, 29 for refunds alone. A byte order
mark first; every cell begins with a backtick, so that spreadsheets leave long numbers alone.
"""

from __future__ import annotations

import gzip
import hashlib
import secrets
import sqlite3
from collections.abc import Iterable
from datetime import date

from flask import Blueprint, Response, request

from portal.simulator.accounts import APPID, MCHID
from portal.simulator.bank import Move
from portal.simulator.bills import refunds_on, take_link, write_link
from portal.simulator.faults import Fault
from portal.simulator.payments import Payment, payments_on
from portal.simulator.times import clock_text, day_span, is_ready
from portal.simulator.wechat.door import Door, failure, malformed
from portal.simulator.wechat.refunds import channel_of
from portal.simulator.wire import OTHER, Refusal, Reply, as_json
from portal.simulator.yuan import yuan

READY_HOUR = 10
KEPT_DAYS = 92
_START = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,"
)
_REFUND = "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,"
_END = "商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
COLUMNS = {
    "ALL": _START + _REFUND + _END,
    "REFUND": _START + "退款申请时间,退款成功时间," + _REFUND + _END,
}
_TOTALS = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)
_KINDS = {"ALL": "ALL", "TRADE": "ALL", "REFUND": "REFUND", "SUCCESS": "SUCCESS"}


class Bills:
    """Where a bill lies, and the bill."""

    def __init__(self, door: Door) -> None:
        self.door = door

    def add_to(self, blueprint: Blueprint) -> None:
        """Its addresses."""
        path = self.door.dialect.bills
        blueprint.add_url_rule(path, "bill", self.locate)
        root = path[:3]
        blueprint.add_url_rule(f"{root}/billdownload/file", "bill_file", self.download)

    def locate(self) -> Response:
        day, kind = _asked_day(), _KINDS.get(request.args.get("bill_type", "ALL"))
        if kind is None:
            raise malformed("bill_type 不对")
        packed = request.args.get("tar_type", "") == "GZIP"
        now = self.door.desk.now()
        if not is_ready(day, READY_HOUR, now) or (now.date() - day).days > KEPT_DAYS:
            raise Refusal(failure(400, "NO_STATEMENT_EXIST", "账单文件不存在"))
        token = secrets.token_hex(16)

        def act(connection: sqlite3.Connection, _fault: Fault | None) -> Reply:
            content = bill_of(connection, self.door.dialect.name, day, kind)
            what = f"{day.isoformat()} {kind} {'GZIP' if packed else ''}"
            write_link(connection, token, self.door.dialect.name, what, now)
            return as_json(200, self._where(token, content))

        return self.door.serve(OTHER, "", act)

    def _where(self, token: str, content: bytes) -> dict[str, str]:
        path = f"{self.door.dialect.bills[:3]}/billdownload/file?token={token}"
        digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        return {
            "hash_type": "SHA1",
            "hash_value": digest,
            "download_url": request.url_root.rstrip("/") + path,
        }

    def download(self) -> Response:
        """The file. As with WeChat, its answer is not signed: the digest was."""
        with self.door.desk.store.reading() as connection:
            what = take_link(connection, request.args.get("token", ""), self.door.dialect.name)
            if what is None:
                raise malformed("下载地址无效")
            day, kind, packed = what[0].split(" ")
            content = bill_of(connection, self.door.dialect.name, date.fromisoformat(day), kind)
        body = gzip.compress(content, mtime=0) if packed else content
        return Response(body, content_type="application/octet-stream")


def _asked_day() -> date:
    try:
        return date.fromisoformat(request.args.get("bill_date", ""))
    except ValueError as error:
        raise malformed("bill_date 不对") from error


def bill_of(connection: sqlite3.Connection, provider: str, day: date, kind: str) -> bytes:
    """The file's bytes."""
    span = day_span(day)
    refunds = refunds_on(connection, provider, span) if kind != "SUCCESS" else []
    payments = payments_on(connection, provider, span) if kind != "REFUND" else []
    columns = "REFUND" if kind == "REFUND" else "ALL"
    lines = [COLUMNS[columns]]
    lines += [_line(_payment_cells(payment)) for payment in payments]
    lines += [_line(_refund_cells(move, columns)) for move in refunds]
    lines += [_TOTALS, _line(_total_cells(payments, refunds))]
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


def _line(cells: Iterable[str]) -> str:
    return ",".join(f"`{cell}" for cell in cells)


def _payment_cells(payment: Payment) -> list[str]:
    coupon = payment.paid_fen - payment.cash_fen
    return [
        *_start(payment.paid_at, payment.provider_txn, payment.merchant_txn, "SUCCESS"),
        *(yuan(payment.paid_fen), yuan(coupon)),
        *("0", "0", "0.00", "0.00", "", ""),
        *("", "", "0.00000", "0.60%", yuan(payment.paid_fen), "0.00", ""),
    ]


def _refund_cells(move: Move, columns: str) -> list[str]:
    times = [clock_text(move.at), clock_text(move.succeeded_at)] if columns == "REFUND" else []
    coupon = move.amount_fen - move.cash_fen
    return [
        *_start(move.succeeded_at, move.provider_txn, move.merchant_txn, "REFUND"),
        *("0.00", "0.00", *times),
        *(move.ref, move.number, yuan(move.cash_fen), yuan(coupon), channel_of(move), "SUCCESS"),
        *("", "", "0.00000", "0.60%", "0.00", yuan(move.amount_fen), ""),
    ]


def _start(at: str, provider_txn: str, merchant_txn: str, state: str) -> list[str]:
    who = (APPID, MCHID, "", "")
    kind = ("", "JSAPI", state, "OTHERS", "CNY")
    return [clock_text(at), *who, provider_txn, merchant_txn, *kind]


def _total_cells(payments: list[Payment], refunds: list[Move]) -> list[str]:
    paid = sum(payment.paid_fen for payment in payments)
    cash = sum(move.cash_fen for move in refunds)
    asked = sum(move.amount_fen for move in refunds)
    return [
        str(len(payments) + len(refunds)),
        *(yuan(paid), yuan(cash), yuan(asked - cash), "0.00000", yuan(paid), yuan(asked)),
    ]
