"""WeChat's bill of a day: theirs, whole, and adding up, or nothing."""

from __future__ import annotations

import gzip
import hashlib
import io
from datetime import date

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.providers.values import BillNotReady, Forged
from portal.providers.wechat.bills import read_bill
from tests.portal.providers.peers import NOW, Peer, says, wechat

DAY = date(2026, 11, 21)
HEAD = (
    "交易时间,微信订单号,商户订单号,退款申请时间,退款成功时间,"
    "微信退款单号,商户退款单号,退款金额,退款状态,商品名称,申请退款金额"
)
TOTALS = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)


def _line(number: str, yuan: str, name: str = "a,b") -> str:
    cells = [
        "2026-11-21 10:00:00", "4200001", "M1", "2026-11-21 11:00:00", "2026-11-21 11:00:05",
        "50300", number, yuan, "SUCCESS", name, yuan,
    ]  # fmt: skip
    return "`" + ",`".join(cells)


def _bill(*lines: str, count: int | None = None, total: str = "30.01") -> bytes:
    ends = f"`{len(lines) if count is None else count},`0.00,`0.00,`0.00,`0.00,`0.00,`{total}"
    return "\r\n".join(["\ufeff" + HEAD, *lines, TOTALS, ends, ""]).encode()


TWO = (_line("R1", "10.00"), _line("R2", "20.01"))


def test_a_bill_is_held_against_its_digest_and_read() -> None:
    plain = _bill(*TWO)
    where = {
        "hash_type": "SHA1",
        "hash_value": hashlib.sha1(plain).hexdigest(),
        "download_url": "https://wechat.example/v3/billdownload/file?token=t",
    }
    for content in (gzip.compress(plain), plain):
        peer = Peer([says(where), lambda _r, c=content: httpx.Response(200, content=c)])
        bill = wechat(peer).bill(DAY)
        assert (bill.count, bill.total_fen) == (2, 3001)
        assert bill.digest == hashlib.sha256(plain).hexdigest()
        rows = list(bill.rows)
        assert [(row.line, row.number, row.amount_fen) for row in rows] == [
            (1, "R1", 1000),
            (2, "R2", 2001),
        ]
        assert rows[0].at == "2026-11-21T03:00:05.000Z"
        assert peer.asked[0].url.params["bill_date"] == "2026-11-21"


def test_a_shop_breaks_no_bill_by_what_it_calls_its_goods() -> None:
    plain = _bill(_line("R1", "10.00", "衬衫,`0.01,`x"), _line("R2", "20.01"))
    where = {
        "hash_type": "SHA1",
        "hash_value": hashlib.sha1(plain).hexdigest(),
        "download_url": "https://wechat.example/f",
    }
    peer = Peer([says(where), lambda _r: httpx.Response(200, content=plain)])
    rows = [(row.number, row.amount_fen, row.state) for row in wechat(peer).bill(DAY).rows]
    assert rows == [("R1", 1000, "SUCCESS"), ("R2", 2001, "SUCCESS")]


@pytest.mark.parametrize(
    "change",
    [
        {"hash_value": "0" * 40},
        {"hash_type": "MD5"},
        {"download_url": "https://elsewhere.example/file"},
        {"download_url": "http://wechat.example/file"},
    ],
)
def test_a_bill_that_is_not_theirs_is_forged(change: dict[str, str]) -> None:
    plain = _bill(*TWO)
    where = {
        "hash_type": "SHA1",
        "hash_value": hashlib.sha1(plain).hexdigest(),
        "download_url": "https://wechat.example/f",
        **change,
    }
    peer = Peer([says(where), lambda _r: httpx.Response(200, content=plain)])
    with pytest.raises(Forged):
        wechat(peer).bill(DAY)


def test_a_bill_that_is_not_there_yet_can_be_asked_for_again() -> None:
    absent = says({"code": "NO_STATEMENT_EXIST"}, 400)
    for answer in (absent, httpx.ReadTimeout("slow"), lambda _r: httpx.Response(200)):
        with pytest.raises(BillNotReady):
            wechat(Peer([answer])).bill(NOW.date())
    nothing = wechat(Peer([absent])).bill(DAY)  # past noon of the next day: nobody was refunded
    assert (nothing.count, list(nothing.rows)) == (0, [])
    with pytest.raises(BillNotReady):
        wechat(Peer([says({"code": "STATEMENT_CREATING"}, 400)])).bill(DAY)


@pytest.mark.parametrize(
    "content",
    [
        _bill(*TWO, total="30.02"),
        _bill(*TWO, count=3),
        _bill(TWO[0], TWO[0] + ",`more"),
        _bill(TWO[0], TWO[1].replace("20.01", "20,01")),
        _bill(*TWO).replace(b"a,b", b"\xff\xfe"),
        b"",
        b"\n\n\n",
    ],
)
def test_a_bill_that_does_not_add_up_is_forged(content: bytes) -> None:
    with pytest.raises(Forged):
        list(read_bill("wechat", DAY, "", io.BytesIO(content)).rows)


@settings(max_examples=40)
@given(st.binary(max_size=400))
def test_strange_bytes_are_no_bill(content: bytes) -> None:
    with pytest.raises(Forged):
        list(read_bill("wechat", DAY, "", io.BytesIO(content)).rows)
