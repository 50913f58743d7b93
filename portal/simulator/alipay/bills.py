"""The bill of a day: ready at nine the next morning, behind a link that lives thirty seconds.

A zip of two CSV files in GBK; lines that begin with # are not rows, every cell ends in a tab,
refunds are negative. Columns as opendocs.alipay.com describes the business bill.
"""

from __future__ import annotations

import io
import secrets
import sqlite3
import zipfile
from datetime import date, timedelta

from flask import Blueprint, Response, abort, request

from portal.simulator.accounts import ALIPAY_SELLER
from portal.simulator.alipay.gateway import NAME, Call, done, failed, malformed
from portal.simulator.bank import Move
from portal.simulator.bills import refunds_on, take_link, write_link
from portal.simulator.faults import Fault
from portal.simulator.payments import Payment, payments_on
from portal.simulator.store import time_of
from portal.simulator.times import clock_text, day_span, is_ready
from portal.simulator.wire import Act, Desk, Refusal, Reply
from portal.simulator.yuan import yuan

READY_HOUR = 9
LINK_LIVES = timedelta(seconds=30)
COLUMNS = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,"
    "对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,"
    "商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,"
    "退款批次号/请求号,服务费（元）,分润（元）,备注"
)
_PATH = "/alipay/bill"


def locate(desk: Desk, call: Call) -> Act:
    """alipay.data.dataservice.bill.downloadurl.query"""
    try:
        day = date.fromisoformat(call.text("bill_date"))
    except ValueError as error:
        raise malformed("bill_date") from error
    if call.text("bill_type") not in ("trade", "signcustomer"):
        raise malformed("bill_type")
    url = request.url_root.rstrip("/") + _PATH

    def act(connection: sqlite3.Connection, _fault: Fault | None) -> Reply:
        now = desk.now()
        if not is_ready(day, READY_HOUR, now):
            raise Refusal(failed("isp.bill_not_exist", "账单不存在"))
        token = secrets.token_hex(16)
        write_link(connection, token, NAME, day.isoformat(), now)
        return done({"bill_download_url": f"{url}?token={token}"})

    return act


def add_download(blueprint: Blueprint, desk: Desk) -> None:
    """The address that the link leads to."""

    def download() -> Response:
        with desk.store.reading() as connection:
            link = take_link(connection, request.args.get("token", ""), NAME)
            if link is None or desk.now() > time_of(link[1]) + LINK_LIVES:
                abort(404)
            content = bill_of(connection, date.fromisoformat(link[0]))
        return Response(content, content_type="application/zip")

    blueprint.add_url_rule(_PATH, "bill", download)


def bill_of(connection: sqlite3.Connection, day: date) -> bytes:
    """The zip's bytes."""
    span = day_span(day)
    refunds, payments = refunds_on(connection, NAME, span), payments_on(connection, NAME, span)
    packed, stem = io.BytesIO(), f"{ALIPAY_SELLER}_{day:%Y%m%d}"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (
            ("业务明细", _rows(day, payments, refunds)),
            ("业务明细(汇总)", _summary(day, payments, refunds)),
        ):
            archive.writestr(f"{stem}_{name}.csv", text.encode("gbk"))
    return packed.getvalue()


def _rows(day: date, payments: list[Payment], refunds: list[Move]) -> str:
    paid, back = sum(p.paid_fen for p in payments), sum(m.amount_fen for m in refunds)
    lines = [
        *_head("业务明细查询", day),
        "#-----------------------------------------业务明细列表----------------------------------------",
        COLUMNS,
        *(_line(_payment_cells(payment)) for payment in payments),
        *(_line(_refund_cells(move)) for move in refunds),
        "#-----------------------------------------业务明细列表结束------------------------------------",
        f"#交易合计：{len(payments)}笔，商家实收共{yuan(paid)}元，商家优惠共0.00元",
        f"#退款合计：{len(refunds)}笔，商家实收退款共{yuan(-back)}元，商家优惠退款共0.00元",
    ]
    return "\r\n".join(lines) + "\r\n"


def _summary(day: date, payments: list[Payment], refunds: list[Move]) -> str:
    net = sum(p.paid_fen for p in payments) - sum(m.amount_fen for m in refunds)
    counts = [str(len(payments)), str(len(refunds))]
    lines = [
        *_head("业务明细汇总查询", day),
        "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）",
        _line(["合计", "", *counts, yuan(net), yuan(net)]),
    ]
    return "\r\n".join(lines) + "\r\n"


def _head(title: str, day: date) -> list[str]:
    after = day + timedelta(days=1)
    return [
        f"#支付宝{title}",
        f"#账号：[{ALIPAY_SELLER}0156]",
        f"#起始日期：[{day} 00:00:00]   终止日期：[{after} 00:00:00]",
    ]


def _line(cells: list[str]) -> str:
    return ",".join(f"{cell}\t" for cell in cells)


def _payment_cells(payment: Payment) -> list[str]:
    at, fen = clock_text(payment.paid_at), payment.paid_fen
    who = [payment.provider_txn, payment.merchant_txn, "交易", "", at, at]
    return _cells(who, fen, payment.cash_fen, "")


def _refund_cells(move: Move) -> list[str]:
    times = [clock_text(move.at), clock_text(move.succeeded_at)]
    who = [move.provider_txn, move.merchant_txn, "退款", "", *times]
    return _cells(who, -move.amount_fen, -move.cash_fen, move.number)


def _cells(who: list[str], fen: int, cash_fen: int, number: str) -> list[str]:
    money = (yuan(fen), yuan(fen), "0.00", "0.00", yuan(fen - cash_fen), "0.00", "0.00")
    shop = ("", "", "", "", "*明(bui***@example.com)")
    return [*who, *shop, *money, "", "0.00", "0.00", number, "0.00", "0.00", ""]
