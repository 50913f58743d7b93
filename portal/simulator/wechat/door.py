"""Who may ask, and what an answer is signed with.

A request is signed by the merchant over METHOD, path with query, stamp, nonce and body, each with
a line's end; its stamp may be five minutes off. Every answer is signed over stamp, nonce and body,
refusals too: with the public key when the client names it in its Serial header, else with the
certificate's key.
"""

from __future__ import annotations

import re
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from urllib.parse import quote

import msgspec
from flask import Response, request

from portal.simulator.accounts import MCHID, PLATFORM_SERIALS
from portal.simulator.bank import Rejected, Why
from portal.simulator.bodies import decode
from portal.simulator.faults import Fault
from portal.simulator.keys import serial_of
from portal.simulator.settings import merchant_serial
from portal.simulator.signing import rsa_holds, rsa_sign
from portal.simulator.wire import Act, Ask, Desk, Refusal, Reply, as_json

STAMP_SECONDS = 300
_FIELD = re.compile(r'(\w+)="([^"]*)"')
_NUMBER = re.compile(r"[0-9A-Za-z_\-|*@]{1,64}")
Body = TypeVar("Body")


@dataclass(frozen=True)
class Dialect:
    """What sets the two apart: names in headers, and where their addresses begin."""

    name: str
    schemes: tuple[str, ...]
    prefix: str  # of the headers
    root: str  # of the addresses for trading
    transfers: str
    bills: str


WECHAT = Dialect(
    name="wechat",
    schemes=("WECHATPAY2-SHA256-RSA2048",),
    prefix="Wechatpay",
    root="/v3",
    transfers="/v3/fund-app/mch-transfer/transfer-bills",
    bills="/v3/bill/tradebill",
)
# The scheme's name as Douyin's own clients send it; some merchants' clients keep WeChat's.
DOUYIN = Dialect(
    name="douyin",
    schemes=("DouyinPay-RSA", *WECHAT.schemes),
    prefix="Douyinpay",
    root="/v1/trade",
    transfers="/v1/fund_trade/mch-transfer/transfer-bills",
    bills="/v1/bill/billapply",
)

_REFUSALS = {
    Why.NO_PAYMENT: (404, "RESOURCE_NOT_EXISTS", "订单不存在"),
    Why.OTHER_CONTENT: (400, "INVALID_REQUEST", "请求参数与之前不一致"),
    Why.TOO_OLD: (400, "INVALID_REQUEST", "订单已超过可退款期限"),
    Why.TOO_SOON: (429, "FREQUENCY_LIMITED", "同一订单退款间隔不足一分钟"),
    Why.TOO_MANY: (400, "INVALID_REQUEST", "退款次数超过五十次"),
    Why.TOO_MUCH: (400, "INVALID_REQUEST", "退款总额超过订单金额"),
    Why.WRONG_TOTAL: (400, "INVALID_REQUEST", "订单金额不一致"),
    Why.NOT_ENOUGH: (403, "NOT_ENOUGH", "基本账户余额不足，请充值后重新发起"),
    Why.BUSY: (429, "FREQUENCY_LIMITED", "频率超限"),
}


def refused(why: Why) -> Refusal:
    """A rule's refusal in WeChat's words."""
    return Refusal(failure(*_REFUSALS[why]))


def failure(status: int, code: str, message: str) -> Reply:
    return as_json(status, {"code": code, "message": message})


def unknown() -> Refusal:
    return Refusal(failure(404, "RESOURCE_NOT_EXISTS", "资源不存在，请检查单号"))


def malformed(message: str = "参数错误") -> Refusal:
    return Refusal(failure(400, "PARAM_ERROR", message))


_BROKEN = failure(500, "SYSTEM_ERROR", "系统异常，请用相同参数重新调用")
_BUSY = failure(*_REFUSALS[Why.BUSY])


@dataclass(frozen=True)
class Door:
    """One merchant's way in."""

    desk: Desk
    dialect: Dialect

    def check(self) -> Response | None:
        """A refusal, unless the request is this merchant's and fresh."""
        if self._is_signed(self.desk.now()):
            return None
        return self.seal(failure(401, "SIGN_ERROR", "签名错误，请检查后再试"))

    def serve(self, kind: str, number: str, act: Act) -> Response:
        """The answer of what `act` does, signed."""
        path, now = asked_path(), self.desk.now()
        ask = Ask(self.dialect.name, kind, number, path, request.get_data(), now)
        return self.seal(self.desk.serve(ask, _in_words(act), _BROKEN, _BUSY))

    def seal(self, reply: Reply) -> Response:
        """The answer with its signature."""
        stamp, nonce = str(int(self.desk.now().timestamp())), secrets.token_hex(16)
        signed = f"{stamp}\n{nonce}\n".encode() + reply.body + b"\n"
        answer = Response(reply.body, reply.status, content_type="application/json; charset=utf-8")
        answer.headers.update(self.stamp(stamp, nonce, signed, self._serial(), reply.forged))
        answer.headers["Request-ID"] = secrets.token_hex(16).upper()
        return answer

    def stamp(
        self, stamp: str, nonce: str, signed: bytes, serial: str, forged: bool = False
    ) -> dict[str, str]:
        """The headers of a signature; a forged one is the merchant's, not the platform's."""
        owner = "merchant" if forged else "platform"
        key = self.desk.keys.private(f"{self.dialect.name}.{owner}")
        values = {
            "Timestamp": stamp,
            "Nonce": nonce,
            "Serial": serial,
            "Signature": rsa_sign(key, signed),
            "Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        }
        return {f"{self.dialect.prefix}-{name}": value for name, value in values.items()}

    @property
    def certificate_serial(self) -> str:
        return serial_of(self.desk.keys.certificate(f"{self.dialect.name}.platform"))

    @property
    def key_serial(self) -> str:
        return PLATFORM_SERIALS[self.dialect.name]

    def _serial(self) -> str:
        asked = request.headers.get(f"{self.dialect.prefix}-Serial", "")
        return self.key_serial if asked == self.key_serial else self.certificate_serial

    def _is_signed(self, now: datetime) -> bool:
        scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
        said = dict(_FIELD.findall(rest))
        stamp = said.get("timestamp", "")
        if scheme not in self.dialect.schemes or not re.fullmatch(r"[0-9]{1,12}", stamp):
            return False
        ours = said.get("mchid") == MCHID and said.get("serial_no", "").upper() == self._merchant
        parts = (request.method, asked_path(), stamp, said.get("nonce_str", ""))
        signed = "".join(f"{part}\n" for part in parts).encode() + request.get_data() + b"\n"
        key = self.desk.keys.public(f"{self.dialect.name}.merchant")
        fresh = abs(now.timestamp() - int(stamp)) < STAMP_SECONDS
        return ours and fresh and rsa_holds(key, signed, said.get("signature", ""))

    @property
    def _merchant(self) -> str:
        return merchant_serial(self.desk.keys, self.dialect.name)


def _in_words(act: Act) -> Act:
    def acting(connection: sqlite3.Connection, fault: Fault | None) -> Reply:
        try:
            return act(connection, fault)
        except Rejected as rejected:
            raise refused(rejected.why) from rejected

    return acting


def asked_path() -> str:
    """Path and query exactly as they were sent; that is what is signed."""
    raw = request.environ.get("RAW_URI")
    if raw:
        return str(raw)
    query = request.query_string.decode("latin-1")
    return quote(request.path, safe="/:@!$&'()*+,;=~|") + (f"?{query}" if query else "")


def read_body(kind: type[Body]) -> Body:
    """The request's JSON as this form. Raises Refusal."""
    try:
        return decode(request.get_data(), kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise malformed() from error


def check_number(number: str) -> str:
    """A merchant's own number. Raises Refusal."""
    if not _NUMBER.fullmatch(number):
        raise malformed("单号只能由数字、字母和 _-|*@ 组成，最多 64 个")
    return number
