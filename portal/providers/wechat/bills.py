"""WeChat's bill of a day: fetched, held against its SHA-1, and read row by row.

A CSV in UTF-8 with a byte order mark, sums in yuan, a backtick before every cell so that
spreadsheets leave numbers alone, and two last lines with totals. Cells are not quoted: a line is
cut at ``,` ``. Source: pay.weixin.qq.com/doc/v3/merchant/4012791898.
"""

from __future__ import annotations

import hashlib
import hmac
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from tempfile import TemporaryFile
from typing import IO

from portal.providers.calling import MOST_BILL_BYTES, NoReply
from portal.providers.conversions import fen_of, fields_of, text_of, universal_from_beijing
from portal.providers.reading import nothing_on
from portal.providers.values import Bill, BillNotReady, BillRow, Forged
from portal.providers.wechat.channel import Channel

_CHUNK = 1 << 16
_NONE = "NO_STATEMENT_EXIST"  # STATEMENT_CREATING says that there will be one
_COUNT, _TOTAL = "总交易单数", "申请退款总金额"
_TIMES = ("退款成功时间", "退款申请时间", "交易时间")
_FREE = "商品名称"
_NEEDED = {"微信退款单号", "商户退款单号", "退款金额", "退款状态", "申请退款金额"}


def fetch_bill(channel: Channel, day: date) -> Bill:
    """Raises BillNotReady; Forged when the digest or a line is wrong."""
    path = channel.dialect.bill.format(day=day.isoformat(), mchid=channel.account.mchid)
    try:
        reply, verified = channel.ask("GET", path)
        if not verified:
            raise BillNotReady("not signed")
        if reply.status != 200:
            return _without(channel, day, text_of(fields_of(reply.content), "code", 64))
        return _download(channel, day, fields_of(reply.content))
    except NoReply as why:
        raise BillNotReady(why.code) from None


def _without(channel: Channel, day: date, code: str) -> Bill:
    empty = nothing_on(channel.account.name, day, channel.now()) if code == _NONE else None
    if empty is None:
        raise BillNotReady(code)
    return empty


def _download(channel: Channel, day: date, where: Mapping[str, object]) -> Bill:
    if text_of(where, "hash_type") != "SHA1":
        raise Forged("the bill has no SHA-1")
    with TemporaryFile() as packed:
        status = channel.download(text_of(where, "download_url", 2048), packed)
        if status != 200:
            raise BillNotReady(f"HTTP {status}")
        packed.seek(0)
        plain = TemporaryFile()  # noqa: SIM115 - closed when its last row was read
        try:
            digest = _unpack(packed, plain, text_of(where, "hash_value"))
        except BaseException:
            plain.close()
            raise
    return replace(read_bill(channel.account.name, day, digest, plain), vouched=True)


def _unpack(packed: IO[bytes], plain: IO[bytes], expected: str) -> str:
    """Write the bill out, gzip or not; its SHA-256. Raises Forged unless the SHA-1 fits."""
    sha1, sha256 = hashlib.sha1(usedforsecurity=False), hashlib.sha256()
    for chunk in _chunks(packed):
        sha1.update(chunk)
        sha256.update(chunk)
        plain.write(chunk)
        if plain.tell() > MOST_BILL_BYTES:
            raise Forged("the bill is too long")
    if not hmac.compare_digest(sha1.hexdigest().encode(), expected.lower().encode()):
        raise Forged("the bill's SHA-1 is another")
    plain.seek(0)
    return sha256.hexdigest()


def _chunks(packed: IO[bytes]) -> Iterator[bytes]:
    zipped = packed.read(2) == b"\x1f\x8b"
    packed.seek(0)
    unpacker = zlib.decompressobj(wbits=31)
    while chunk := packed.read(_CHUNK):
        if not zipped:
            yield chunk
            continue
        try:
            while chunk:
                yield unpacker.decompress(chunk, _CHUNK)
                chunk = unpacker.unconsumed_tail  # what did not fit yet
        except zlib.error:
            raise Forged("the bill is not gzip") from None


def read_bill(provider: str, day: date, digest: str, plain: IO[bytes]) -> Bill:
    """The bill in an open file, which it closes after the last row. Raises Forged."""
    count, total = _totals(plain)
    plain.seek(0)
    return Bill(provider, day, digest, _rows(plain, count, total), count, total)


def _totals(plain: IO[bytes]) -> tuple[int, int]:
    """The provider's own totals, in the last two lines."""
    plain.seek(0, 2)
    plain.seek(max(0, plain.tell() - 8192))
    lines = plain.read().decode("utf-8", "replace").rstrip("\r\n").splitlines()
    if len(lines) < 2:
        raise Forged("the bill has no totals")
    named = dict(zip(lines[-2].lstrip("\ufeff").split(","), _cells(lines[-1]), strict=False))
    try:
        return int(named[_COUNT]), fen_of(named[_TOTAL])
    except (KeyError, ValueError):
        raise Forged("the bill has no totals") from None


def _rows(plain: IO[bytes], count: int, total: int) -> Iterator[BillRow]:
    with plain:
        seen = fen = 0
        columns = _text(plain.readline(), 1).lstrip("\ufeff").split(",")
        if not _NEEDED.issubset(columns):
            raise Forged("the bill has other columns")
        for number, raw in enumerate(plain, 2):
            line = _text(raw, number)
            if not line.startswith("`"):
                break  # the names of the totals
            if row := _row(number - 1, columns, line):
                yield row
                fen += row.amount_fen
            seen += 1
        if (seen, fen) != (count, total):
            raise Forged("the bill's rows do not add up to its totals")


def _row(number: int, columns: list[str], line: str) -> BillRow | None:
    """A row; None for a payment among the refunds."""
    cells = _fitted(_cells(line), columns)
    if len(cells) != len(columns):
        raise Forged(f"line {number} of the bill cannot be read")
    fields = dict(zip(columns, cells, strict=True))
    if fields["商户退款单号"] in ("", "0"):
        return None
    try:
        amount, cash = fen_of(fields["申请退款金额"]), fen_of(fields["退款金额"])
    except ValueError:
        raise Forged(f"line {number} of the bill has no sum") from None
    at = next((fields[name] for name in _TIMES if fields.get(name)), "")
    return BillRow(
        line=number,
        number=fields["商户退款单号"],
        provider_ref=fields["微信退款单号"],
        amount_fen=amount,
        cash_fen=cash,
        state=fields["退款状态"],
        at=universal_from_beijing(at),
        raw=line,
    )


def _fitted(cells: list[str], columns: list[str]) -> list[str]:
    """A shop may call its goods anything, also by the mark between two cells: what is too much then
    belongs to that name. The columns on both sides keep their places."""
    surplus = len(cells) - len(columns)
    if surplus <= 0 or _FREE not in columns:
        return cells
    at = columns.index(_FREE)
    end = at + surplus + 1
    return [*cells[:at], ",`".join(cells[at:end]), *cells[end:]]


def _cells(line: str) -> list[str]:
    return line.removeprefix("`").split(",`")


def _text(raw: bytes, number: int) -> str:
    try:
        return raw.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise Forged(f"line {number} of the bill is not UTF-8") from None
