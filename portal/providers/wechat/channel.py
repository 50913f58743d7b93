"""The signed way to WeChat Pay: what a request carries, and whether an answer is theirs."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO
from urllib.parse import urlsplit

from portal.providers.calling import Caller, Reply
from portal.providers.conversions import small_letters
from portal.providers.settings import WeChatAccount
from portal.providers.signing import (
    holds_rsa,
    is_fresh,
    sign_rsa,
    wechat_answer,
    wechat_request,
)
from portal.providers.values import Forged


@dataclass(frozen=True)
class Dialect:
    """What one of the two calls things."""

    scheme: str
    header: str
    refunds: str
    ecommerce: str
    transfers: str
    transactions: str
    bill: str
    bill_hosts: tuple[str, ...] = ()  # beside the one that is asked


WECHAT = Dialect(
    scheme="WECHATPAY2-SHA256-RSA2048",
    header="wechatpay",
    refunds="/v3/refund/domestic/refunds",
    ecommerce="/v3/ecommerce/refunds",
    transfers="/v3/fund-app/mch-transfer/transfer-bills",
    transactions="/v3/pay/transactions/id",
    bill="/v3/bill/tradebill?bill_date={day}&bill_type=REFUND&tar_type=GZIP",
)
DOUYIN = Dialect(
    scheme="DouyinPay-RSA",
    header="douyinpay",
    refunds="/v1/trade/refund/domestic/refunds",
    ecommerce="",
    transfers="/v1/fund_trade/mch-transfer/transfer-bills",
    transactions="/v1/trade/transactions/id",
    bill="/v1/bill/billapply?mchid={mchid}&bill_date={day}&bill_type=TRADE&tar_type=GZIP",
    bill_hosts=("download.douyinpay.com",),
)


@dataclass(frozen=True)
class Channel:
    """Requests in the name of one merchant."""

    account: WeChatAccount
    dialect: Dialect
    caller: Caller
    now: Callable[[], datetime]

    def ask(self, method: str, path: str, content: bytes = b"") -> tuple[Reply, bool]:
        """The reply, and whether its signature holds. Raises NoReply."""
        url = f"{self.account.base}{path}"
        reply = self.caller.call(method, url, self._headers(method, url, content), content)
        return reply, self.vouched(reply.headers, reply.content, self.now())

    def download(self, url: str, into: IO[bytes]) -> int:
        """A file at an address that they named; only from their own hosts. Raises NoReply."""
        asked, named = urlsplit(self.account.base), urlsplit(url)
        own = named.netloc == asked.netloc or named.hostname in self.dialect.bill_hosts
        if named.scheme != asked.scheme or not own or named.username or named.password:
            raise Forged("the bill lies at a strange address")
        return self.caller.download(url, self._headers("GET", url, b""), into)

    def vouched(self, headers: Mapping[str, str], content: bytes, now: datetime) -> bool:
        """Whether the platform signed these bytes, less than five minutes from `now`.

        An unknown serial is simply not theirs: asking for new certificates on a stranger's word
        would let everybody make us call.
        """
        given, name = small_letters(headers), self.dialect.header
        stamp, nonce = given.get(f"{name}-timestamp", ""), given.get(f"{name}-nonce", "")
        key = self.account.platform_keys.get(given.get(f"{name}-serial", ""))
        if key is None or not is_fresh(stamp, now):
            return False
        signature = given.get(f"{name}-signature", "")
        return holds_rsa(key, wechat_answer(stamp, nonce, content), signature)

    def _headers(self, method: str, url: str, content: bytes) -> dict[str, str]:
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": "mingan",
            "Authorization": self._authorization(method, path, content),
            # With which of their keys they are to sign, and to which our sealed fields are sealed.
            f"{self.dialect.header}-serial": next(iter(self.account.platform_keys)),
        }

    def _authorization(self, method: str, path: str, content: bytes) -> str:
        account, nonce = self.account, secrets.token_hex(16)
        stamp = str(int(self.now().timestamp()))
        text = wechat_request(method, path, stamp, nonce, content)
        fields = {
            "mchid": account.mchid,
            "nonce_str": nonce,
            "signature": sign_rsa(account.private_key, text),
            "timestamp": stamp,
            "serial_no": account.serial,
        }
        listed = ",".join(f'{name}="{value}"' for name, value in fields.items())
        return f"{self.dialect.scheme} {listed}"
