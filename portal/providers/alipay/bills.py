"""Alipay's bill of a day: a zip of CSV in GBK, cells that end in tabs, refunds with a minus.

`…业务明细.csv` has a line for each trade and refund, `…业务明细(汇总).csv` the totals of each shop
and a last line 合计: how many refunds there are, and what trades less refunds come to. Lines
that begin with # are remarks. A list without its totals may have been cut anywhere and is no
bill. The link lives 30 seconds and is signed; the file is not.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import date
from tempfile import TemporaryFile
from typing import IO

from portal.providers.alipay.gateway import Gateway
from portal.providers.calling import MOST_BILL_BYTES, NoReply
from portal.providers.conversions import compact, fen_of, text_of, universal_from_beijing
from portal.providers.reading import nothing_on
from portal.providers.values import Bill, BillNotReady, BillRow, Forged

METHOD = "alipay.data.dataservice.bill.downloadurl.query"
_NONE = "isp.bill_not_exist"
_NUMBER = "退款批次号/请求号"
_SUM, _CASH, _REFUNDS = "订单金额", "商家实收", "退款订单总笔数"
_NEEDED = {"支付宝交易号", "业务类型", _NUMBER, _SUM, _CASH}
_UNIT = re.compile(r"[（(]元[）)]")
_CHUNK = 1 << 16


def fetch_bill(gateway: Gateway, day: date) -> Bill:
    """Raises BillNotReady; Forged when the zip or a line is broken."""
    content = compact({"bill_type": "trade", "bill_date": day.isoformat()})
    try:
        said = gateway.ask(METHOD, content)
        if not said.is_done:
            return _without(gateway, day, said.code if said.verified else "not signed")
        packed = TemporaryFile()  # noqa: SIM115 - closed when its last row was read
        try:
            status = gateway.download(text_of(said.fields, "bill_download_url", 4096), packed)
            if status != 200:
                raise BillNotReady(f"HTTP {status}")
            return read_bill(day, packed)
        except BaseException:
            packed.close()
            raise
    except NoReply as why:
        raise BillNotReady(why.code) from None


def _without(gateway: Gateway, day: date, code: str) -> Bill:
    empty = nothing_on("alipay", day, gateway.now()) if code == _NONE else None
    if empty is None:
        raise BillNotReady(code)
    return empty


def read_bill(day: date, packed: IO[bytes]) -> Bill:
    """The bill in an open zip, which it closes after the last row. Raises Forged."""
    digest = _digest(packed)
    try:
        archive = zipfile.ZipFile(packed)
    except (zipfile.BadZipFile, ValueError, OSError):
        raise Forged("the bill is not a zip") from None
    names = {_name(entry): entry for entry in archive.infolist()}
    details = [entry for name, entry in names.items() if name.endswith("业务明细.csv")]
    totals = [entry for name, entry in names.items() if "汇总" in name]
    if len(details) != 1 or any(entry.file_size > MOST_BILL_BYTES for entry in names.values()):
        raise Forged("the zip holds no list of trades")
    if len(totals) != 1:
        raise Forged("the zip holds no totals (汇总)")
    count, net = _totals(archive, totals[0])
    return Bill("alipay", day, digest, _rows(packed, archive, details[0], count, net), count)


def _digest(packed: IO[bytes]) -> str:
    packed.seek(0)
    sha256 = hashlib.sha256()
    while chunk := packed.read(_CHUNK):
        sha256.update(chunk)
    packed.seek(0)
    return sha256.hexdigest()


def _name(entry: zipfile.ZipInfo) -> str:
    """A zip of their making names its files in GBK without saying so; Python read code page 437."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("gbk")
    except ValueError:
        return entry.filename


def _lines(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[dict[str, str]]:
    """Each line that is not a remark by the names of its columns. Raises Forged."""
    columns: list[str] = []
    try:
        with archive.open(entry) as file, io.TextIOWrapper(file, "gb18030", newline="") as text:
            for cells in csv.reader(text):
                if not cells or cells[0].startswith("#"):
                    continue
                if columns and len(cells) != len(columns):
                    raise Forged("a line of the bill cannot be read")
                if columns:
                    yield {n: cell.strip() for n, cell in zip(columns, cells, strict=True)}
                else:
                    columns = [_UNIT.sub("", cell.strip()) for cell in cells]
    except (UnicodeError, csv.Error, zipfile.BadZipFile, zlib.error, OSError, EOFError):
        raise Forged("the bill cannot be read") from None
    except (RuntimeError, NotImplementedError):  # encrypted, or packed in an unknown way
        raise Forged("the bill cannot be unpacked") from None


def _totals(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> tuple[int, int]:
    """How many refunds there are, and what everything comes to."""
    for fields in _lines(archive, entry):
        if "合计" in fields.values():
            try:
                return int(fields[_REFUNDS]), fen_of(fields[_SUM])
            except (KeyError, ValueError):
                break
    raise Forged("the bill's totals cannot be read")


def _rows(
    packed: IO[bytes],
    archive: zipfile.ZipFile,
    entry: zipfile.ZipInfo,
    count: int,
    net: int,
) -> Iterator[BillRow]:
    seen = fen = 0
    with packed, archive:
        for number, fields in enumerate(_lines(archive, entry), 1):
            fen += _fen(number, fields, _SUM)
            if "退款" in fields["业务类型"]:
                yield _row(number, fields)
                seen += 1
    if (seen, fen) != (count, net):
        raise Forged("the bill's rows do not add up to its totals")


def _row(number: int, fields: Mapping[str, str]) -> BillRow:
    return BillRow(
        line=number,
        number=fields[_NUMBER],
        provider_ref=fields["支付宝交易号"],
        amount_fen=-_fen(number, fields, _SUM),
        cash_fen=-_fen(number, fields, _CASH),
        state="SUCCESS",
        at=universal_from_beijing(fields.get("完成时间") or fields.get("创建时间")),
        raw=",".join(fields.values()),
    )


def _fen(number: int, fields: Mapping[str, str], name: str) -> int:
    if not fields.keys() >= _NEEDED:
        raise Forged("the bill has other columns")
    try:
        return fen_of(fields[name])
    except ValueError:
        raise Forged(f"line {number} of the bill has no sum") from None
