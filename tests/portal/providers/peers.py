"""Providers of our own making: they sign as the real ones do, and answer what a test tells them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import CertificateBuilder, Name, random_serial_number

from portal.providers.alipay.adapter import Alipay
from portal.providers.alipay.gateway import Gateway
from portal.providers.calling import Caller
from portal.providers.settings import AlipayAccount, WeChatAccount
from portal.providers.signing import sign_rsa, wechat_answer
from portal.providers.values import Transfer
from portal.providers.wechat.adapter import WeChat
from portal.providers.wechat.channel import WECHAT, Channel

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
APIV3_KEY = b"0123456789abcdef0123456789abcdef"
SERIAL = "PUB_KEY_ID_0000000000000000000000000001"
MCHID = "1900000001"
APP_ID = "2026000000000001"
Say = Callable[[httpx.Request], httpx.Response]


@cache
def a_key(name: str) -> RSAPrivateKey:
    """A key that is made once: `ours`, `theirs`, `strange`."""
    return generate_private_key(65537, 2048)


@cache
def a_curve_key() -> ec.EllipticCurvePrivateKey:
    """One that does not sign with RSA."""
    return ec.generate_private_key(ec.SECP256R1())


def a_certificate(name: str, by: str) -> bytes:
    """A certificate of the key of this name, issued by another's; `elliptic` has no RSA key."""
    ours, issuer = (a_curve_key() if n == "elliptic" else a_key(n) for n in (name, by))
    unsigned = (
        CertificateBuilder()
        .subject_name(_distinguished(name))
        .issuer_name(_distinguished(by))
        .public_key(ours.public_key())
        .serial_number(random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
    )
    return unsigned.sign(issuer, SHA256()).public_bytes(Encoding.PEM)


def _distinguished(name: str) -> Name:
    parts = {"C": "CN", "O": "Ant Financial", "OU": "Certification Authority", "CN": name}
    return Name.from_rfc4514_string(",".join(f"{k}={v}" for k, v in reversed(parts.items())))


def a_transfer(**changes: Any) -> Transfer:
    values = {
        "kind": "REFUND",
        "number": "R20260000001n1a1",
        "amount_fen": 1200,
        "total_fen": 5000,
        "provider_txn": "4200001",
        "merchant_txn": "M1",
        "merchant_account": "shop",
        "paid_at": "2026-11-01T00:00:00.000Z",
        "reason": "退货退款",
        **changes,
    }
    return Transfer(**values)


@dataclass
class Peer:
    """Answers requests in turn; remembers them. An exception is raised, as a line that breaks."""

    answers: list[Say | Exception] = field(default_factory=list)
    asked: list[httpx.Request] = field(default_factory=list)

    def caller(self) -> Caller:
        transport = httpx.MockTransport(self.answer)
        return Caller(lambda: httpx.Client(transport=transport))

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        made = answer(request)
        stream = httpx.ByteStream(made.content)  # not read yet, as one from a socket
        return httpx.Response(made.status_code, headers=made.headers, stream=stream)


def wechat(peer: Peer, **changes: Any) -> WeChat:
    account = {
        "name": "wechat",
        "base": "https://wechat.example",
        "mchid": MCHID,
        "appid": "wx1",
        "serial": "5F01",
        "private_key": a_key("ours"),
        "apiv3_key": APIV3_KEY,
        "platform_keys": {SERIAL: a_key("theirs").public_key()},
        "notify_url": "https://portal.example/notices/wechat",
        **changes,
    }
    return WeChat(Channel(WeChatAccount(**account), WECHAT, peer.caller(), lambda: NOW))


def stamped(content: bytes, key: str = "theirs", stamp: str = STAMP) -> dict[str, str]:
    """The headers of an answer or a notice of WeChat."""
    return {
        "Wechatpay-Timestamp": stamp,
        "Wechatpay-Nonce": "nonce",
        "Wechatpay-Serial": SERIAL,
        "Wechatpay-Signature": sign_rsa(a_key(key), wechat_answer(stamp, "nonce", content)),
    }


def says(fields: object, status: int = 200, key: str = "theirs", stamp: str = STAMP) -> Say:
    """A signed answer of WeChat."""
    content = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
    return lambda _request: httpx.Response(
        status, content=content, headers=stamped(content, key, stamp)
    )


def a_refund(**changes: Any) -> dict[str, Any]:
    return {
        "refund_id": "50300",
        "out_refund_no": "R20260000001n1a1",
        "status": "SUCCESS",
        "channel": "ORIGINAL",
        "success_time": "2026-11-22T16:00:00+08:00",
        "amount": {"refund": 1200, "payer_refund": 1000, "total": 5000},
        **changes,
    }


def sealed_notice(about: dict[str, Any], kind: str = "REFUND.SUCCESS") -> bytes:
    sealed = AESGCM(APIV3_KEY).encrypt(b"123456789012", json.dumps(about).encode(), b"refund")
    resource = {
        "algorithm": "AEAD_AES_256_GCM",
        "nonce": "123456789012",
        "associated_data": "refund",
        "ciphertext": base64.b64encode(sealed).decode(),
    }
    return json.dumps({"id": "EV1", "event_type": kind, "resource": resource}).encode()


def alipay(peer: Peer, **changes: Any) -> Alipay:
    account = {
        "gateway": "https://alipay.example/gateway.do",
        "app_id": APP_ID,
        "private_key": a_key("ours"),
        "alipay_keys": (a_key("theirs").public_key(),),
        "app_cert": "a" * 32,
        "root_cert": "b" * 32,
        **changes,
    }
    return Alipay(Gateway(AlipayAccount(**account), peer.caller(), lambda: NOW))


def tells(fields: dict[str, Any], key: str = "theirs", code: str = "10000") -> Say:
    """A signed answer of Alipay, under the method that was asked for."""

    def answer(request: httpx.Request) -> httpx.Response:
        name = request.url.params["method"].replace(".", "_") + "_response"
        part = json.dumps({"code": code, **fields}, ensure_ascii=False)
        sign = sign_rsa(a_key(key), part.encode())
        return httpx.Response(200, content=f'{{"{name}":{part},"sign":"{sign}"}}'.encode())

    return answer
