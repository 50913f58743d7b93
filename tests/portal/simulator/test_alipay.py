"""Alipay's ways: what its words mean, and its bill."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from tests.portal.simulator.shops import Shop

REFUND, QUERY = "alipay.trade.refund", "alipay.trade.fastpay.refund.query"
BILL = "alipay.data.dataservice.bill.downloadurl.query"


def refund(shop: Shop, number: str, yuan: str, **more: object) -> dict[str, object]:
    return shop.alipay(REFUND, trade_no="T1", refund_amount=yuan, out_request_no=number, **more)


def test_the_refund_fee_is_of_all_refunds_together(shop: Shop) -> None:
    shop.pay("alipay")
    refund(shop, "R1", "30.00")
    second = refund(shop, "R2", "20.5")
    assert (second["refund_fee"], second["send_back_fee"]) == ("50.50", "20.50")


def test_a_repeated_number_changes_no_funds_and_is_no_error(shop: Shop) -> None:
    shop.pay("alipay")
    first, again = refund(shop, "R1", "30.00"), refund(shop, "R1", "30.00")
    assert (first["code"], first["fund_change"]) == ("10000", "Y")
    assert (again["code"], again["fund_change"]) == ("10000", "N")
    assert len(shop.moves()) == 1


def test_refusals_have_their_own_words(shop: Shop) -> None:
    shop.pay("alipay")
    refund(shop, "R1", "30.00")
    assert refund(shop, "R1", "31.00")["sub_code"] == "ACQ.DISCORDANT_REPEAT_REQUEST"
    assert refund(shop, "R2", "70.01")["sub_code"] == "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"
    assert refund(shop, "R3", "1.001")["code"] == "40002"
    part = shop.alipay(REFUND, trade_no="T1", refund_amount="1.00")
    assert part["code"] == "40002"  # a part needs a number of its own
    none = shop.alipay(REFUND, trade_no="T2", refund_amount="1.00", out_request_no="R4")
    assert none["sub_code"] == "ACQ.TRADE_NOT_EXIST"
    shop.wait(days=366)
    assert refund(shop, "R5", "1.00")["sub_code"] == "ACQ.TRADE_HAS_FINISHED"


def test_a_query_without_a_status_never_heard_of_it(shop: Shop) -> None:
    shop.pay("alipay")
    asked = {"trade_no": "T1", "out_request_no": "R1"}
    assert "refund_status" not in shop.alipay(QUERY, **asked)
    refund(shop, "R1", "0.01")
    assert shop.alipay(QUERY, **asked)["refund_status"] == "REFUND_SUCCESS"


def test_the_banks_part_is_told_to_whoever_asks_for_it(shop: Shop) -> None:
    shop.pay("alipay", method="debit_card")
    options = {"query_options": ["deposit_back_info"]}
    asked = {"trade_no": "T1", "out_request_no": "R1"}
    info = refund(shop, "R1", "1.00", **options)["deposit_back_info"]
    assert (info["dback_status"], info["est_bank_receipt_time"]) == ("P", "2026-11-23 12:00:00")
    shop.wait(days=1)
    assert shop.alipay(QUERY, **asked, **options)["deposit_back_info"]["dback_status"] == "S"
    assert "deposit_back_info" not in shop.alipay(QUERY, **asked)


def test_a_bank_may_send_it_back_to_the_buyers_balance(shop: Shop) -> None:
    shop.pay("alipay")
    shop.tell("faults", kind="DBACK_F")
    refund(shop, "R1", "1.00")
    asked = {"trade_no": "T1", "out_request_no": "R1", "query_options": ["deposit_back_info"]}
    queried = shop.alipay(QUERY, **asked)
    assert queried["refund_status"] == "REFUND_SUCCESS"
    assert queried["deposit_back_info"]["dback_status"] == "F"


def a_transfer(shop: Shop) -> dict[str, Any]:
    shop.pay("alipay")
    buyer = shop.alipay("alipay.trade.query", trade_no="T1")["buyer_user_id"]
    return {
        "out_biz_no": "P1",
        "trans_amount": "300.00",
        "product_code": "TRANS_ACCOUNT_NO_PWD",
        "biz_scene": "DIRECT_TRANSFER",
        "payee_info": {"identity": buyer, "identity_type": "ALIPAY_USER_ID"},
    }


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"app_cert_sn": ""}, "isv.missing-app-cert-sn"),
        ({"app_cert_sn": "0" * 32}, "isv.app-cert-not-exist"),
        ({"alipay_root_cert_sn": ""}, "isv.missing-alipay-root-cert-sn"),
        ({"alipay_root_cert_sn": "0" * 32}, "isv.invalid-alipay-root-cert-sn"),
    ],
)
def test_a_transfer_is_taken_in_certificate_mode_only(
    shop: Shop, changes: dict[str, str], why: str
) -> None:
    wish, named = a_transfer(shop), {k: v for k, v in (shop.certificates | changes).items() if v}
    refused = shop.alipay("alipay.fund.trans.uni.transfer", by=named, **wish)
    assert (refused["sub_code"], shop.moves()) == (why, [])


def test_a_refund_is_taken_without_certificates(shop: Shop) -> None:
    shop.pay("alipay")
    wish = {"trade_no": "T1", "out_request_no": "R1", "refund_amount": "1.00"}
    assert shop.alipay("alipay.trade.refund", by={}, **wish)["fund_change"] == "Y"


def test_a_transfer_goes_to_the_buyer_once(shop: Shop) -> None:
    wish = a_transfer(shop)
    transfer, query = "alipay.fund.trans.uni.transfer", "alipay.fund.trans.common.query"
    assert shop.alipay(query, out_biz_no="P1")["sub_code"] == "ORDER_NOT_EXIST"
    assert shop.alipay(transfer, **wish)["status"] == "SUCCESS"
    assert shop.alipay(transfer, **wish)["status"] == "SUCCESS"
    assert [move["amount_fen"] for move in shop.moves()] == [30000]
    assert shop.alipay(query, out_biz_no="P1")["trans_amount"] == "300.00"
    shop.tell("balance", provider="alipay", fen=1)
    short = shop.alipay(transfer, **wish | {"out_biz_no": "P2"})
    assert short["sub_code"] == "PAYER_BALANCE_NOT_ENOUGH"


def test_the_bill_is_there_at_nine_and_its_link_lives_half_a_minute(shop: Shop) -> None:
    shop.pay("alipay")
    refund(shop, "R1", "30.00")
    refund(shop, "R2", "0.05")
    asked = {"bill_type": "trade", "bill_date": "2026-11-20"}
    shop.now += timedelta(hours=20, minutes=59)
    assert shop.alipay(BILL, **asked)["sub_code"] == "isp.bill_not_exist"
    shop.wait(minutes=1)
    url = shop.alipay(BILL, **asked)["bill_download_url"]
    shop.wait(seconds=30)
    names = rows_of(shop.client.get(url).content)
    shop.wait(seconds=1)
    assert shop.client.get(url).status_code == 404
    details = next(rows for name, rows in names.items() if "汇总" not in name)
    amounts = [row.split(",")[11] for row in details if "\t退款" in row or ",退款\t" in row]
    assert amounts == ["-30.00\t", "-0.05\t"]
    total = next(rows for name, rows in names.items() if "汇总" in name)[-1]
    assert total == "合计\t,\t,1\t,2\t,69.95\t,69.95\t"


def rows_of(packed: bytes) -> dict[str, list[str]]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name).decode("gbk").splitlines() for name in archive.namelist()}
