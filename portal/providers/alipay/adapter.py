"""An application of Alipay as a Provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.providers.alipay.answers import read_no_payer, read_query, read_refund, read_transfer
from portal.providers.alipay.bills import fetch_bill
from portal.providers.alipay.gateway import Gateway
from portal.providers.alipay.notices import read_notice
from portal.providers.calling import NoReply
from portal.providers.conversions import compact, fields_of, text_of, yuan_of
from portal.providers.reading import not_sent, silence
from portal.providers.values import (
    Answer,
    Bill,
    NotAvailable,
    Notice,
    Prepared,
    Transfer,
)

REFUND = "alipay.trade.refund"
REFUND_QUERY = "alipay.trade.fastpay.refund.query"
TRADE_QUERY = "alipay.trade.query"
TRANSFER = "alipay.fund.trans.uni.transfer"
TRANSFER_QUERY = "alipay.fund.trans.common.query"
TO_ACCOUNT = {"product_code": "TRANS_ACCOUNT_NO_PWD", "biz_scene": "DIRECT_TRANSFER"}
_PAYER = "payer of "

# docs.open.alipay.com/309/106236: a product that moves funds is asked in certificate mode.
NO_CERTIFICATES = "Alipay takes transfers in certificate mode only"


@dataclass(frozen=True)
class Alipay:
    """Refunds of trades, and transfers to the payer beyond them."""

    gateway: Gateway
    name: str = "alipay"
    simulated: bool = False
    quiet: timedelta = timedelta(seconds=10)  # "query 10 seconds after the refund"
    spacing: timedelta = timedelta(seconds=3)
    most_partials: int = 1000  # no limit is published
    window: timedelta = timedelta(days=365)  # what is usual; the contract may say less
    prorates: bool = False

    def prepare(self, transfer: Transfer) -> Prepared:
        """Bytes of the request. A payout names its payee by the trade it came from: the payee's
        identity is known to Alipay alone, and filled in as it is sent."""
        if transfer.kind == "PAYOUT":
            if not self.gateway.account.is_certified:
                raise NotAvailable(NO_CERTIFICATES)
            return self.gateway.prepared(TRANSFER, _transfer(transfer))
        return self.gateway.prepared(REFUND, self._refund(transfer))

    def send(self, transfer: Transfer) -> Answer:
        """Ask once, with the very bytes of `prepare`."""
        prepared = self.prepare(transfer)
        if transfer.kind == "PAYOUT":
            return self._pay_out(transfer, prepared)
        try:
            said = self.gateway.ask(REFUND, prepared.content, notify=True)
        except NoReply as why:
            return silence(transfer, why)
        return read_refund(said, transfer)

    def query(self, transfer: Transfer) -> Answer:
        """What became of the number."""
        try:
            if transfer.kind == "PAYOUT":
                content = compact({"out_biz_no": transfer.number, **TO_ACCOUNT})
                said = self.gateway.ask(TRANSFER_QUERY, content)
                return read_transfer(said, transfer, query=True)
            return read_query(self.gateway.ask(REFUND_QUERY, _question(transfer)), transfer)
        except NoReply as why:
            return silence(transfer, why)

    def read_notice(self, headers: Mapping[str, str], content: bytes, now: datetime) -> Notice:
        """Raises Forged."""
        return read_notice(self.gateway, content, now)

    def bill(self, day: date) -> Bill:
        """Refunds of a day. Raises BillNotReady and Forged."""
        return fetch_bill(self.gateway, day)

    def _refund(self, transfer: Transfer) -> dict[str, object]:
        fields: dict[str, object] = {
            **_trade(transfer),
            "refund_amount": yuan_of(transfer.amount_fen),
            "out_request_no": transfer.number,
            "query_options": ["refund_detail_item_list", "deposit_back_info"],
        }
        if transfer.reason:
            fields["refund_reason"] = transfer.reason[:128]
        if transfer.advance and self.gateway.account.advance_account:
            fields["refund_advance_account"] = self.gateway.account.advance_account
            fields["refund_advance_account_type"] = "userId"
        return fields

    def _pay_out(self, transfer: Transfer, prepared: Prepared) -> Answer:
        payee = self._payee(transfer)
        if isinstance(payee, Answer):
            return payee
        content = compact({**fields_of(prepared.content), "payee_info": payee})
        try:
            return read_transfer(self.gateway.ask(TRANSFER, content, notify=True), transfer)
        except NoReply as why:
            return silence(transfer, why)

    def _payee(self, transfer: Transfer) -> dict[str, str] | Answer:
        """Who paid, or what comes of asking when that is nobody."""
        try:
            said = self.gateway.ask(TRADE_QUERY, compact(_trade(transfer)))
        except NoReply:
            return not_sent(transfer, "PAYER_UNKNOWN")
        for name, kind in (("buyer_user_id", "USER_ID"), ("buyer_open_id", "OPEN_ID")):
            if said.is_done and (identity := text_of(said.fields, name)):
                return {"identity": identity, "identity_type": f"ALIPAY_{kind}"}
        return read_no_payer(said, transfer)


def _trade(transfer: Transfer) -> dict[str, str]:
    if transfer.provider_txn:
        return {"trade_no": transfer.provider_txn}
    if transfer.merchant_txn:
        return {"out_trade_no": transfer.merchant_txn}
    raise NotAvailable("the payment has no number")


def _question(transfer: Transfer) -> bytes:
    options = ["refund_detail_item_list", "gmt_refund_pay", "deposit_back_info"]
    number = {"out_request_no": transfer.number, "query_options": options}
    return compact({**_trade(transfer), **number})


def _transfer(transfer: Transfer) -> dict[str, object]:
    payer = next(iter(_trade(transfer).values()))
    return {
        "out_biz_no": transfer.number,
        "trans_amount": yuan_of(transfer.amount_fen),
        **TO_ACCOUNT,
        "order_title": transfer.reason[:64] or "赔付",
        "payee_info": {"identity": f"{_PAYER}{payer}", "identity_type": "ALIPAY_USER_ID"},
    }
