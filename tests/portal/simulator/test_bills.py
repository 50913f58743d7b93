"""WeChat's bill of a day."""

from __future__ import annotations

import gzip
import hashlib

import httpx

from tests.portal.simulator.shops import URL, Shop


def located(
    shop: Shop, kind: str = "REFUND", day: str = "2026-11-20", more: str = ""
) -> httpx.Response:
    return shop.wechat("GET", f"/v3/bill/tradebill?bill_date={day}&bill_type={kind}{more}")


def fetched(shop: Shop, where: httpx.Response) -> bytes:
    url = where.json()["download_url"]
    assert url.startswith(URL)
    return shop.wechat("GET", url.removeprefix(URL)).content


def filled(shop: Shop) -> None:
    shop.pay(cash_fen=9000)
    shop.refund("R1", 3000)
    shop.wait(seconds=60)
    shop.refund("R2", 5)
    shop.wait(seconds=60)
    shop.tell("faults", kind="CLOSED", seconds=0)
    shop.refund("R3", 7)  # never succeeds, so it is in no bill


def test_the_bill_of_a_day_is_there_at_ten_the_next(shop: Shop) -> None:
    filled(shop)
    shop.wait(hours=21, minutes=57)
    early = located(shop)
    assert (early.status_code, early.json()["code"]) == (400, "NO_STATEMENT_EXIST")
    shop.wait(minutes=1)
    assert shop.is_signed(located(shop))


def test_rows_totals_and_digest_agree(shop: Shop) -> None:
    filled(shop)
    shop.wait(days=1)
    where = located(shop)
    bill = fetched(shop, where)
    assert hashlib.sha1(bill, usedforsecurity=False).hexdigest() == where.json()["hash_value"]
    lines = bill.decode("utf-8-sig").splitlines()
    names, *rows = (line.split(",") for line in lines[:-2])
    found = [dict(zip(names, row, strict=True)) for row in rows]
    assert [row["商户退款单号"] for row in found] == ["`R1", "`R2"]
    assert [row["申请退款金额"] for row in found] == ["`30.00", "`0.05"]
    assert [row["退款金额"] for row in found] == ["`27.00", "`0.05"]
    totals = dict(zip(lines[-2].split(","), lines[-1].split(","), strict=True))
    assert (totals["总交易单数"], totals["申请退款总金额"]) == ("`2", "`30.05")


def test_a_forgetful_providers_bill_shows_the_number_twice(shop: Shop) -> None:
    shop.pay()
    shop.tell("mode", idempotent=False)
    shop.refund("R1", 100)
    shop.refund("R1", 100)
    shop.wait(days=1)
    assert fetched(shop, located(shop)).count(b"`R1,") == 2


def test_all_trade_has_the_payments_too_and_can_be_packed(shop: Shop) -> None:
    shop.pay()
    shop.refund("R1", 100)
    shop.wait(days=1)
    packed = fetched(shop, located(shop, "ALL", more="&tar_type=GZIP"))
    lines = gzip.decompress(packed).decode("utf-8-sig").splitlines()
    assert len(lines[0].split(",")) == 27
    assert [line.split(",")[9] for line in lines[1:3]] == ["`SUCCESS", "`REFUND"]


def test_a_day_without_refunds_has_an_empty_bill(shop: Shop) -> None:
    shop.wait(days=1)
    assert fetched(shop, located(shop)).decode().splitlines()[-1].startswith("`0,")
