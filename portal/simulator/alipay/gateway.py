"""One address for everything; `method` says what is meant.

A request is signed over its parameters, sorted, without empty ones and without `sign`; `timestamp`
is Beijing's, within the hour. An answer is `{"<method>_response":{…},"sign":"…"}`, signed over the
very bytes of the inner object. HTTP says 200 whatever happened; `code` says what did.

Whoever asks in certificate mode names the certificates that both sides go by and is told in
`alipay_cert_sn` which one the answer is signed with; a transfer is taken in that mode only.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import md5
from typing import Any

from flask import Blueprint, Response, request

from portal.simulator.accounts import ALIPAY_APP, ALIPAY_ROOT
from portal.simulator.bank import Rejected, Why
from portal.simulator.faults import Fault
from portal.simulator.signing import rsa_holds, rsa_sign
from portal.simulator.times import BEIJING
from portal.simulator.wire import Act, Ask, Desk, Refusal, Reply, as_json

NAME = "alipay"
CLOCK_MAY_DIFFER = timedelta(hours=1)
_REFUSALS = {
    Why.NO_PAYMENT: ("ACQ.TRADE_NOT_EXIST", "交易不存在"),
    Why.OTHER_CONTENT: ("ACQ.DISCORDANT_REPEAT_REQUEST", "不一致的请求"),
    Why.TOO_OLD: ("ACQ.TRADE_HAS_FINISHED", "交易已完结"),
    Why.TOO_MANY: ("ACQ.REFUND_FEE_ERROR", "退款次数过多"),
    Why.TOO_MUCH: ("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限"),
    Why.WRONG_TOTAL: ("ACQ.INVALID_PARAMETER", "参数无效"),
    Why.NOT_ENOUGH: ("ACQ.SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足"),
}


def failed(sub_code: str, sub_msg: str) -> Reply:
    """The business said no."""
    return _outcome("40004", "Business Failed", sub_code, sub_msg)


def malformed(sub_msg: str = "参数有误") -> Refusal:
    return Refusal(_outcome("40002", "Invalid Arguments", "isv.invalid-parameter", sub_msg))


def done(fields: dict[str, Any], applied: bool = False) -> Reply:
    """The call was carried out; whether money moved, the fields say."""
    return as_json(200, {"code": "10000", "msg": "Success", **fields}, applied)


def refused(why: Why) -> Refusal:
    """A rule's refusal in Alipay's words."""
    return Refusal(_BUSY if why in (Why.BUSY, Why.TOO_SOON) else failed(*_REFUSALS[why]))


def _outcome(code: str, msg: str, sub_code: str, sub_msg: str) -> Reply:
    fields = {"code": code, "msg": msg, "sub_code": sub_code, "sub_msg": sub_msg}
    return as_json(200, fields)


_BROKEN = _outcome("20000", "Service Currently Unavailable", "isp.unknow-error", "系统繁忙")
_BUSY = _outcome("40005", "Call Limited", "isv.app-call-limited", "调用频次超限")


@dataclass(frozen=True)
class Call:
    """One request whose signature held."""

    biz: Mapping[str, Any]
    content: bytes  # biz_content as it came
    notify_url: str

    def text(self, name: str) -> str:
        """A text of the content, empty where there is none. Raises Refusal."""
        value = self.biz.get(name, "")
        if not isinstance(value, str | int) or isinstance(value, bool) or len(str(value)) > 256:
            raise malformed(name)
        return str(value)


@dataclass(frozen=True)
class Method:
    """What one `method` does: its kind for the log, the field of the client's number, its work, and
    whether it is for certificate mode only."""

    kind: str
    number: str
    act: Callable[[Desk, Call], Act]
    certified: bool = False


class Gateway:
    """The one address. `methods` by the names they have in `method`."""

    def __init__(self, desk: Desk, methods: Mapping[str, Method]) -> None:
        self.desk = desk
        self.methods = methods

    def add_to(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/gateway.do", "gateway", self.answer, methods=["GET", "POST"])

    def answer(self) -> Response:
        parameters = request.values.to_dict()
        try:
            return self._seal(parameters, self._reply(parameters))
        except Refusal as refusal:
            return self._seal(parameters, refusal.reply)

    def _reply(self, parameters: Mapping[str, str]) -> Reply:
        now, name = self.desk.now(), parameters.get("method", "")
        self._check(parameters, now)
        if (method := self.methods.get(name)) is None:
            raise _wrong("isv.invalid-method", "不存在的方法名")
        if method.certified and not parameters.get("app_cert_sn"):
            raise _wrong("isv.missing-app-cert-sn", "缺少应用公钥证书序列号")
        content = parameters.get("biz_content", "").encode()
        call = Call(_object(content), content, parameters.get("notify_url", ""))
        number = call.text(method.number) if method.number else ""
        ask = Ask(NAME, method.kind, number, name, content, now)
        return self.desk.serve(ask, _in_words(method.act(self.desk, call)), _BROKEN, _BUSY)

    def _check(self, parameters: Mapping[str, str], now: datetime) -> None:
        if parameters.get("app_id") != ALIPAY_APP:
            raise _wrong("isv.invalid-app-id", "无效的AppID参数")
        if parameters.get("sign_type") != "RSA2":
            raise _wrong("isv.invalid-signature-type", "无效签名类型")
        key = self.desk.keys.public(f"{NAME}.merchant")
        if not rsa_holds(key, signed_part(parameters), parameters.get("sign", "")):
            raise _wrong("isv.invalid-signature", "验签出错")
        if abs(now - _said_time(parameters)) > CLOCK_MAY_DIFFER:
            raise _wrong("isv.invalid-timestamp", "非法的时间戳参数")
        if parameters.get("app_cert_sn"):
            self._check_certificates(parameters)

    def _check_certificates(self, parameters: Mapping[str, str]) -> None:
        if parameters["app_cert_sn"] != self._certificate(f"{NAME}.merchant"):
            raise _wrong("isv.app-cert-not-exist", "应用公钥证书不存在")
        if not (root := parameters.get("alipay_root_cert_sn")):
            raise _wrong("isv.missing-alipay-root-cert-sn", "缺少支付宝根证书序列号")
        if root != self._certificate(ALIPAY_ROOT):
            raise _wrong("isv.invalid-alipay-root-cert-sn", "无效支付宝根证书序列号")

    def _certificate(self, name: str) -> str:
        by = "" if name == ALIPAY_ROOT else ALIPAY_ROOT
        found = self.desk.keys.certificate(name, by)
        text = f"{found.issuer.rfc4514_string()}{found.serial_number}"
        return md5(text.encode(), usedforsecurity=False).hexdigest()

    def _seal(self, parameters: Mapping[str, str], reply: Reply) -> Response:
        name, owner = parameters.get("method", ""), "merchant" if reply.forged else "platform"
        sign = rsa_sign(self.desk.keys.private(f"{NAME}.{owner}"), reply.body)
        node = f"{name.replace('.', '_')}_response" if name in self.methods else "error_response"
        told = {"sign": sign}
        if parameters.get("app_cert_sn"):
            told = {"alipay_cert_sn": self._certificate(f"{NAME}.platform"), **told}
        after = json.dumps(told, separators=(",", ":")).removeprefix("{")
        body = f'{{"{node}":'.encode() + reply.body + f",{after}".encode()
        return Response(body, content_type="text/html;charset=utf-8")


def signed_part(parameters: Mapping[str, str], without: tuple[str, ...] = ("sign",)) -> bytes:
    """What of the parameters is signed."""
    kept = sorted((k, v) for k, v in parameters.items() if v and k not in without)
    return "&".join(f"{name}={value}" for name, value in kept).encode()


def _said_time(parameters: Mapping[str, str]) -> datetime:
    try:
        said = datetime.strptime(parameters.get("timestamp", ""), "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
    except ValueError as error:
        raise _wrong("isv.invalid-timestamp", "非法的时间戳参数") from error
    return said.replace(tzinfo=BEIJING)


def _wrong(sub_code: str, sub_msg: str) -> Refusal:
    return Refusal(_outcome("40002", "Invalid Arguments", sub_code, sub_msg))


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise malformed("biz_content") from error
    if not isinstance(found, dict):
        raise malformed("biz_content")
    return found


def _in_words(act: Act) -> Act:
    def acting(connection: sqlite3.Connection, fault: Fault | None) -> Reply:
        try:
            return act(connection, fault)
        except Rejected as rejected:
            raise refused(rejected.why) from rejected

    return acting
