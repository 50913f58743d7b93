"""Bills made by hand, byte for byte as the providers describe them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from portal.providers.values import Bill, BillNotReady, Forged
from portal.reconciling.byhand import bill_in

HEADS = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,退款申请时间,退款成功时间,微信退款单号,商户退款单号,"
    "退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
TOTALS = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)
ALIPAY = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,"
    "对方账户,订单金额（元）,商家实收（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)


@dataclass(frozen=True)
class Row:
    """A refund in a bill."""

    number: str
    fen: int
    state: str = "SUCCESS"
    at: str = "0"  # when it succeeded, in Beijing


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def wechat_bill(rows: Sequence[Row], total_fen: int | None = None) -> bytes:
    """UTF-8 with a byte order mark, a backtick before every cell, two lines of totals."""
    total = sum(row.fen for row in rows) if total_fen is None else total_fen
    lines = [HEADS, *(_cells(_refund(row)) for row in rows), TOTALS]
    sums = [str(len(rows)), "0.00", yuan(total), "0.00", "0.00", "0.00", yuan(total)]
    return ("\ufeff" + "\r\n".join([*lines, _cells(sums)]) + "\r\n").encode()


def _refund(row: Row) -> list[str]:
    known = {
        "商户退款单号": row.number,
        "微信退款单号": "5000" + row.number[-8:],
        "退款金额": yuan(row.fen),
        "申请退款金额": yuan(row.fen),
        "退款状态": row.state,
        "退款成功时间": row.at,
        "退款类型": "ORIGINAL",
    }
    return [known.get(name, "0") for name in HEADS.split(",")]


def _cells(cells: Sequence[str]) -> str:
    return ",".join(f"`{cell}" for cell in cells)


def alipay_bill(rows: Sequence[Row], totals: bool = True) -> bytes:
    """A zip of GBK with tabs behind the cells and refunds below zero."""
    lines = ["#支付宝业务明细查询", ALIPAY]
    for row in rows:
        known = {"业务类型": "退款", "退款批次号/请求号": row.number}
        known |= dict.fromkeys(("订单金额（元）", "商家实收（元）"), f"-{yuan(row.fen)}")
        lines.append(",".join(f"{known.get(name, '')}\t" for name in ALIPAY.split(",")))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("20880011_20261122_业务明细.csv", "\r\n".join(lines).encode("gbk"))
        if totals:
            total = yuan(sum(row.fen for row in rows))
            sums = f"退款订单总笔数,订单金额（元）,门店编号\r\n{len(rows)},-{total},合计"
            archive.writestr("20880011_20261122_业务明细(汇总).csv", sums.encode("gbk"))
    return packed.getvalue()


@dataclass
class Counter:
    """A provider's counter for bills: hands out what lies there, or says why not."""

    name: str
    folder: Path
    content: bytes | None = None
    broken: str = ""
    asked: list[date] = field(default_factory=list)

    def bill(self, day: date) -> Bill:
        self.asked.append(day)
        if self.broken:
            raise Forged(self.broken)
        if self.content is None:
            raise BillNotReady("NO_STATEMENT_EXIST")
        path = self.folder / "bill"
        path.write_bytes(self.content)
        return bill_in(self.name, day, path)
