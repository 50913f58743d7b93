"""A merchant's account with WeChat Pay or Douyin Pay as a Provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from portal.providers.calling import NoReply
from portal.providers.conversions import compact, fields_of, text_of
from portal.providers.reading import not_sent, plain, silence
from portal.providers.signing import prepare
from portal.providers.values import (
    Answer,
    BankCard,
    Bill,
    NotAvailable,
    Notice,
    Prepared,
    Transfer,
)
from portal.providers.wechat import recourse
from portal.providers.wechat.answers import read_no_payer, read_refund, read_transfer
from portal.providers.wechat.bills import fetch_bill
from portal.providers.wechat.channel import Channel
from portal.providers.wechat.notices import read_notice

REASON_CHARS = 80
REMARK_CHARS = 32
_PAYER = "payer of "
# From ¥2,000 on user_name is required, the payee's real name; it is nowhere in this house.
# Source: pay.weixin.qq.com/docs/merchant/apis/mch-trans/transfer-bill/transfer-to-user.html
NAMED_FROM_FEN = 200_000


@dataclass(frozen=True)
class WeChat:
    """Refunds on the original route, transfers to the payer beyond it, and what goes wrong."""

    channel: Channel
    simulated: bool = False
    quiet: timedelta = timedelta(minutes=1)  # "query one minute after"
    spacing: timedelta = timedelta(minutes=1)
    most_partials: int = 50
    window: timedelta = timedelta(days=365)
    prorates: bool = True

    @property
    def name(self) -> str:
        return self.channel.account.name

    def prepare(self, transfer: Transfer) -> Prepared:
        """Bytes of the request. A payout names its payee by the payment it came from: the payee's
        openid is personal, known to WeChat alone, and filled in as it is sent."""
        if transfer.kind == "PAYOUT":
            return self._prepared(self.channel.dialect.transfers, self._transfer(transfer))
        if self.channel.account.ecommerce:
            path = f"{self.channel.dialect.ecommerce}/apply"
            return self._prepared(path, self._ecommerce(transfer))
        return self._prepared(self.channel.dialect.refunds, self._refund(transfer))

    def send(self, transfer: Transfer) -> Answer:
        """Ask once, with the very bytes of `prepare`."""
        prepared = self.prepare(transfer)
        if transfer.kind == "PAYOUT":
            return self._pay_out(transfer, prepared)
        try:
            reply, verified = self.channel.ask("POST", prepared.path, prepared.content)
        except NoReply as why:
            return silence(transfer, why)
        return read_refund(reply, verified, transfer)

    def query(self, transfer: Transfer) -> Answer:
        """What became of the number."""
        try:
            reply, verified = self.channel.ask("GET", self._query_path(transfer))
        except NoReply as why:
            return silence(transfer, why)
        read = read_transfer if transfer.kind == "PAYOUT" else read_refund
        return read(reply, verified, transfer, query=True)

    def read_notice(self, headers: Mapping[str, str], content: bytes, now: datetime) -> Notice:
        """Raises Forged."""
        return read_notice(self.channel, headers, content, now)

    def bill(self, day: date) -> Bill:
        """Refunds of a day. Raises BillNotReady and Forged."""
        return fetch_bill(self.channel, day)

    def abnormal(self, transfer: Transfer, provider_ref: str, card: BankCard | None) -> Answer:
        """Send an ABNORMAL refund on: to a card of the buyer, or back to the merchant's own."""
        return recourse.send_elsewhere(self.channel, transfer, provider_ref, card)

    def prepare_return(self, transfer: Transfer, provider_ref: str) -> Prepared:
        """Bytes of that request. Raises NotAvailable without a 平台收付通 contract."""
        return recourse.prepare_return(self.channel, transfer, provider_ref)

    def return_advance(self, transfer: Transfer, provider_ref: str) -> Answer:
        """Take an advanced refund back from the shop. The same refund is returned once."""
        return recourse.return_advance(self.channel, transfer, provider_ref)

    def returned_advance(self, transfer: Transfer, provider_ref: str) -> Answer:
        """What became of it."""
        return recourse.returned_advance(self.channel, transfer, provider_ref)

    def _prepared(self, path: str, fields: dict[str, Any]) -> Prepared:
        if self.channel.account.name == "douyin":
            fields["mchid"] = self.channel.account.mchid
        if self.channel.account.notify_url:
            fields["notify_url"] = self.channel.account.notify_url
        return prepare("POST", path, compact(fields))

    def _refund(self, transfer: Transfer) -> dict[str, Any]:
        fields: dict[str, Any] = {
            **_payment(transfer),
            "out_refund_no": transfer.number,
            **_reason(transfer),
        }
        if transfer.advance:  # out of what the platform has, not of the shop's unsettled takings
            fields["funds_account"] = "AVAILABLE"
        return {**fields, "amount": _amount(transfer)}

    def _ecommerce(self, transfer: Transfer) -> dict[str, Any]:
        source = "PARTNER_ADVANCE" if transfer.advance else "SUB_MERCHANT"
        return {
            "sub_mchid": plain(transfer.sub_merchant, "the shop"),
            "sp_appid": self.channel.account.appid,
            **_payment(transfer),
            "out_refund_no": transfer.number,
            **_reason(transfer),
            "amount": _amount(transfer),
            "refund_account": f"REFUND_SOURCE_{source}",
        }

    def _transfer(self, transfer: Transfer) -> dict[str, Any]:
        if self.name == "wechat" and transfer.amount_fen >= NAMED_FROM_FEN:
            raise NotAvailable("from ¥2,000 on WeChat wants the payee's real name")
        payer = f"{_PAYER}{plain(transfer.provider_txn, 'the payment')}"
        remark = transfer.reason[:REMARK_CHARS] or "赔付"
        return {
            "appid": self.channel.account.appid,
            "out_bill_no": transfer.number,
            "transfer_scene_id": self.channel.account.scene,
            "openid": payer,
            "transfer_amount": transfer.amount_fen,
            "transfer_remark": remark,
            "transfer_scene_report_infos": [{"info_type": "赔付原因", "info_content": remark}],
        }

    def _pay_out(self, transfer: Transfer, prepared: Prepared) -> Answer:
        payer = self._payer(transfer)
        if isinstance(payer, Answer):
            return payer
        content = compact({**fields_of(prepared.content), "openid": payer})
        try:
            reply, verified = self.channel.ask("POST", prepared.path, content)
        except NoReply as why:
            return silence(transfer, why)
        return read_transfer(reply, verified, transfer)

    def _payer(self, transfer: Transfer) -> str | Answer:
        """Who paid, or what comes of asking when that is nobody."""
        account = self.channel.account
        path = f"{self.channel.dialect.transactions}/{transfer.provider_txn}?mchid={account.mchid}"
        try:
            reply, verified = self.channel.ask("GET", path)
        except NoReply:
            return not_sent(transfer, "PAYER_UNKNOWN")
        payer = fields_of(reply.content).get("payer") if verified and reply.status == 200 else None
        openid = text_of(payer, "openid") if isinstance(payer, dict) else ""
        return openid or read_no_payer(reply, verified, transfer)

    def _query_path(self, transfer: Transfer) -> str:
        account, dialect = self.channel.account, self.channel.dialect
        if transfer.kind == "PAYOUT":
            return f"{dialect.transfers}/out-bill-no/{transfer.number}"
        if account.ecommerce:
            merchant = plain(transfer.sub_merchant, "the shop")
            return f"{dialect.ecommerce}/out-refund-no/{transfer.number}?sub_mchid={merchant}"
        path = f"{dialect.refunds}/{transfer.number}"
        return f"{path}?mchid={account.mchid}" if account.name == "douyin" else path


def _payment(transfer: Transfer) -> dict[str, str]:
    if transfer.provider_txn:
        return {"transaction_id": transfer.provider_txn}
    if transfer.merchant_txn:
        return {"out_trade_no": transfer.merchant_txn}
    raise NotAvailable("the payment has no number")


def _reason(transfer: Transfer) -> dict[str, str]:
    return {"reason": transfer.reason[:REASON_CHARS]} if transfer.reason else {}


def _amount(transfer: Transfer) -> dict[str, object]:
    return {"refund": transfer.whole_fen, "total": transfer.total_fen, "currency": "CNY"}
