"""Alipay: what is sent, and what each answer, notification and bill is worth."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.providers.alipay.bills import read_bill
from portal.providers.signing import alipay_text, holds_rsa, sign_rsa
from portal.providers.values import BillNotReady, Forged, NotAvailable, Outcome
from tests.portal.providers.peers import (
    APP_ID,
    NOW,
    Peer,
    Say,
    a_key,
    a_transfer,
    alipay,
    tells,
)

DAY = date(2026, 11, 21)
NUMBER = "R20260000001n1a1"
DONE = {"trade_no": "4200001", "fund_change": "Y", "refund_fee": "30.00", "send_back_fee": "12.00"}
FOUND = {
    "trade_no": "4200001",
    "out_request_no": NUMBER,
    "refund_status": "REFUND_SUCCESS",
    "refund_amount": "12.00",
    "gmt_refund_pay": "2026-11-22 16:00:00",
}


def _answer(answer: Say | Exception, query: bool = False, **changes: Any) -> Any:
    provider = alipay(Peer([answer]))
    return (provider.query if query else provider.send)(a_transfer(**changes))


def test_a_request_is_signed_in_the_hour_of_beijing() -> None:
    peer = Peer([tells(DONE)])
    provider = alipay(peer, notify_url="https://portal.example/notices/alipay")
    assert provider.send(a_transfer()).outcome is Outcome.SUCCESS
    public = dict(peer.asked[0].url.params)
    content = parse_qs(peer.asked[0].content.decode())["biz_content"][0]
    assert public["timestamp"] == "2026-11-22 16:00:00"
    text = alipay_text({**public, "biz_content": content})
    assert holds_rsa(a_key("ours").public_key(), text, public["sign"])
    assert content.encode() == provider.prepare(a_transfer()).content
    assert json.loads(content)["out_request_no"] == NUMBER
    assert json.loads(content)["refund_amount"] == "12.00"


def test_the_sum_of_this_refund_counts_and_not_that_of_all() -> None:
    answer = _answer(tells(DONE))
    assert (answer.outcome, answer.amount_fen) == (Outcome.SUCCESS, 1200)
    less = _answer(tells({**DONE, "send_back_fee": "10.00"}))  # coupons: the query knows
    assert less.outcome is Outcome.PROCESSING
    more = _answer(tells({**DONE, "send_back_fee": "12.01"}))
    assert (more.outcome, more.code, more.amount_fen) == (Outcome.UNKNOWN, "MISMATCH", 1201)


@pytest.mark.parametrize("change", [{"fund_change": "N"}, {"fund_change": ""}])
def test_a_repetition_is_unknown_until_it_is_asked_after(change: dict[str, str]) -> None:
    assert _answer(tells({**DONE, **change})).outcome is Outcome.UNKNOWN


def test_a_query_finds_a_refund_or_finds_nothing() -> None:
    found = _answer(tells(FOUND), query=True)
    assert (found.outcome, found.provider_at) == (Outcome.SUCCESS, "2026-11-22T08:00:00.000Z")
    assert _answer(tells({}), query=True).outcome is Outcome.NOT_FOUND
    absent = tells({"sub_code": "ACQ.TRADE_NOT_EXIST"}, code="40004")
    assert _answer(absent, query=True).outcome is Outcome.NOT_FOUND
    other = _answer(tells({**FOUND, "out_request_no": "R9"}), query=True)
    assert (other.outcome, other.code) == (Outcome.UNKNOWN, "MISMATCH")


@pytest.mark.parametrize(
    ("code", "sub_code", "outcome"),
    [
        ("20000", "isp.unknow-error", Outcome.UNKNOWN),
        ("40004", "ACQ.SYSTEM_ERROR", Outcome.UNKNOWN),
        ("40004", "AQC.SYSTEM_ERROR", Outcome.UNKNOWN),
        ("40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH", Outcome.NOT_ENOUGH),
        ("40004", "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", Outcome.REFUSED),
        ("40004", "ACQ.DISCORDANT_REPEAT_REQUEST", Outcome.REFUSED),
        ("40005", "isv.app-call-limited", Outcome.BUSY),
    ],
)
def test_errors_are_told_apart(code: str, sub_code: str, outcome: Outcome) -> None:
    assert _answer(tells({"sub_code": sub_code}, code=code)).outcome is outcome
    forged = _answer(tells({"sub_code": sub_code}, key="strange", code=code))
    assert forged.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "answer",
    [
        tells(DONE, key="strange"),
        lambda _r: httpx.Response(200, json={"alipay_trade_refund_response": {"code": "10000"}}),
        lambda _r: httpx.Response(200, content=b"<html>"),
        lambda _r: httpx.Response(502, content=b""),
        httpx.ReadTimeout("slow"),
    ],
)
def test_an_answer_that_is_not_signed_is_unknown(answer: Say | Exception) -> None:
    assert _answer(answer).outcome is Outcome.UNKNOWN
    assert not _answer(answer, query=True).verified


def test_the_banks_part_is_arrived_expected_or_fallen_to_the_balance() -> None:
    def bank(status: str) -> Any:
        leg = {
            "has_deposit_back": "true",
            "dback_status": status,
            "est_bank_receipt_time": "2026-11-25 00:00:00",
        }
        return _answer(tells({**FOUND, "deposit_back_info": leg}), query=True)

    assert (bank("S").arrived, bank("S").route) == (True, "ORIGINAL")
    assert (bank("P").arrived, bank("P").arrives_by) == (False, "2026-11-25")
    assert (bank("F").arrived, bank("F").route, bank("F").code) == (False, "BALANCE", "DBACK_F")


def test_a_payout_goes_to_who_paid() -> None:
    sent = {"out_biz_no": "P1", "order_id": "O1", "status": "SUCCESS"}
    peer = Peer([tells({"buyer_user_id": "2088"}), tells(sent)])
    answer = alipay(peer).send(a_transfer(kind="PAYOUT", number="P1"))
    assert (answer.outcome, answer.arrived) == (Outcome.SUCCESS, True)
    content = json.loads(parse_qs(peer.asked[1].content.decode())["biz_content"][0])
    assert content["payee_info"] == {"identity": "2088", "identity_type": "ALIPAY_USER_ID"}
    lost = alipay(Peer([tells({}, key="strange")])).send(a_transfer(kind="PAYOUT"))
    assert (lost.outcome, lost.code) == (Outcome.BUSY, "PAYER_UNKNOWN")
    for unknown in ({}, {"code": "40004", "sub_code": "ACQ.TRADE_NOT_EXIST"}):
        nobody = alipay(Peer([tells(unknown)])).send(a_transfer(kind="PAYOUT"))
        assert (nobody.outcome, nobody.code) == (Outcome.REFUSED, "PAYER_UNKNOWN")


def test_a_payout_that_the_bank_sent_back_is_closed() -> None:
    state = {"out_biz_no": "P1", "trans_amount": "12.00", "status": "REFUND"}
    answer = _answer(tells(state), query=True, kind="PAYOUT", number="P1")
    assert answer.outcome is Outcome.CLOSED


def _notice(fields: dict[str, str], left_out: tuple[str, ...], **changes: str) -> Any:
    fields = {"app_id": APP_ID, "sign_type": "RSA2", "notify_id": "N1", **fields, **changes}
    sign = sign_rsa(a_key("theirs"), alipay_text(fields, left_out))
    content = urlencode({**fields, "sign": sign}).encode()
    return alipay(Peer()).read_notice({}, content, NOW)


BACK = {
    "msg_method": "alipay.trade.refund.depositback.completed",
    "utc_timestamp": str(int(NOW.timestamp()) * 1000),
    "biz_content": json.dumps(
        {"out_request_no": NUMBER, "dback_status": "S", "dback_amount": "12.00"}
    ),
}


def test_a_message_tells_that_the_bank_has_the_money() -> None:
    answer = _notice(BACK, ("sign",)).answer
    assert (answer.number, answer.arrived) == (NUMBER, True)
    assert (answer.amount_fen, answer.cash_fen) == (0, 0), "the bank's part is not the refund's sum"
    failed = BACK["biz_content"].replace('"S"', '"F"')
    assert _notice(BACK, ("sign",), biz_content=failed).answer.route == "BALANCE"


def test_a_notification_of_a_trade_is_only_a_reason_to_ask() -> None:
    trade = {
        "out_biz_no": NUMBER,
        "refund_fee": "12.00",
        "notify_time": "2026-11-22 16:00:00",
        "trade_status": "TRADE_SUCCESS",
    }
    answer = _notice(trade, ("sign", "sign_type")).answer
    assert (answer.outcome, answer.number, answer.code) == (Outcome.UNKNOWN, NUMBER, "ASK")
    moved = {
        "msg_method": "alipay.fund.trans.order.changed",
        "utc_timestamp": BACK["utc_timestamp"],
        "biz_content": json.dumps({"out_biz_no": "P1", "status": "SUCCESS"}),
    }
    payout = _notice(moved, ("sign",)).answer
    assert (payout.outcome, payout.number, payout.code) == (Outcome.UNKNOWN, "P1", "ASK")
    for change in ({"notify_time": "2026-11-22 16:05:00"}, {"notify_time": ""}, {"app_id": "1"}):
        with pytest.raises(Forged):
            _notice(trade, ("sign", "sign_type"), **change)


@settings(max_examples=40)
@given(st.binary(max_size=200))
def test_strange_bytes_are_forged(content: bytes) -> None:
    with pytest.raises(Forged):
        alipay(Peer()).read_notice({}, content, NOW)
    with pytest.raises(Forged):
        read_bill(DAY, io.BytesIO(content))


HEAD = (
    "支付宝交易号,商户订单号,业务类型,创建时间,完成时间,"
    "订单金额（元）,商家实收（元）,退款批次号/请求号,备注"
)
SUMS = "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）"
LINES = (
    "A1\t,M1\t,交易,2026-11-21 09:00:00,2026-11-21 09:00:05,100.00,100.00,\t,x",
    'A1\t,M1\t,退款,2026-11-21 10:00:00,2026-11-21 10:00:05,-12.00,-10.00,R1\t,"a,b"',
)


def _zip(lines: tuple[str, ...], sums: str, name: str = "2088_20261121_业务明细.csv") -> io.BytesIO:
    file = io.BytesIO()
    detail = "\r\n".join(["#支付宝业务明细查询", HEAD, *lines, "#业务明细列表结束", ""])
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, detail.encode("gbk"))
        totals = "\r\n".join(["#汇总", SUMS, "S1,店,1,1,88.00,90.00", sums, "#end"])
        archive.writestr("2088_20261121_业务明细(汇总).csv", totals.encode("gbk"))
    return file


def test_a_bill_is_read_and_held_against_its_totals() -> None:
    bill = read_bill(DAY, _zip(LINES, "合计,,1,1,88.00,90.00"))
    rows = list(bill.rows)
    assert bill.count == 1
    assert [(row.number, row.amount_fen, row.cash_fen) for row in rows] == [("R1", 1200, 1000)]
    assert rows[0].at == "2026-11-21T02:00:05.000Z"


@pytest.mark.parametrize(
    ("lines", "sums"),
    [
        (LINES, "合计,,1,1,88.01,90.00"),
        (LINES, "合计,,1,2,88.00,90.00"),
        (LINES[:1], "合计,,1,1,88.00,90.00"),
        ((*LINES, LINES[1]), "合计,,1,1,88.00,90.00"),
        ((LINES[0], "short,line"), "合计,,1,1,88.00,90.00"),
        (LINES, "合计,,x,y,z,0"),
    ],
)
def test_a_bill_that_does_not_add_up_is_forged(lines: tuple[str, ...], sums: str) -> None:
    with pytest.raises(Forged):
        list(read_bill(DAY, _zip(lines, sums)).rows)


def test_a_bill_lies_with_alipay_or_nowhere() -> None:
    def bill(url: str, content: bytes = b"") -> Any:
        peer = Peer(
            [tells({"bill_download_url": url}), lambda _r: httpx.Response(200, content=content)]
        )
        return alipay(peer).bill(DAY)

    content = _zip(LINES, "合计,,1,1,88.00,90.00").getvalue()
    assert [row.number for row in bill("https://dwbillcenter.alipay.com/f", content).rows] == ["R1"]
    with pytest.raises(Forged):
        bill("http://127.0.0.1/f", content)
    absent = tells({"sub_code": "isp.bill_not_exist"}, code="40004")
    with pytest.raises(BillNotReady):
        alipay(Peer([absent])).bill(NOW.date())
    assert alipay(Peer([absent])).bill(DAY).count == 0  # past noon of the next day


def test_nothing_is_transferred_without_certificates() -> None:
    plain = alipay(Peer(), app_cert="", root_cert="")
    with pytest.raises(NotAvailable, match="certificate mode"):
        plain.prepare(a_transfer(kind="PAYOUT"))
    assert plain.prepare(a_transfer())


def test_requests_name_the_certificates_under_their_signature() -> None:
    peer = Peer([tells({"fund_change": "Y"})] * 2)
    alipay(peer).send(a_transfer())
    alipay(peer, app_cert="", root_cert="").send(a_transfer())
    certified, plain = (dict(request.url.params) for request in peer.asked)
    assert (certified["app_cert_sn"], certified["alipay_root_cert_sn"]) == ("a" * 32, "b" * 32)
    assert not {"app_cert_sn", "alipay_root_cert_sn"} & plain.keys()


def test_an_answer_is_believed_by_any_of_the_keys_that_are_known() -> None:
    keys = tuple(a_key(name).public_key() for name in ("next", "theirs"))
    for known, outcome in ((keys, Outcome.SUCCESS), (keys[:1], Outcome.UNKNOWN)):
        peer = Peer([tells(DONE)])
        assert alipay(peer, alipay_keys=known).send(a_transfer()).outcome is outcome
