"""A shop that is a customer of the simulator, with signatures of its own making.

Nothing here is shared with portal/providers or with the simulator but the key files.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import tomllib
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate

from portal.simulator.app import create_simulator
from portal.simulator.settings import write_settings
from tests.portal.certificate_names import certificate_names

START = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # noon in Beijing
BEIJING = timezone(timedelta(hours=8))
REFUNDS = "/v3/refund/domestic/refunds"
URL = "http://simulator.invalid"


@dataclass
class Shop:
    """One simulator in this process, and the time it believes in."""

    folder: Path
    notices: str = "http://127.0.0.1:9"
    now: datetime = START
    settings: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        path = write_settings(self.folder, URL, notices=self.notices)
        self.settings = tomllib.loads(path.read_text())
        app = create_simulator(self.folder, lambda: self.now)
        self.client = httpx.Client(transport=httpx.WSGITransport(app=app), base_url=URL)

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)

    def key(self, section: str, name: str) -> bytes:
        named = self.settings[section][name]
        path = named if isinstance(named, str) else named[0]
        return (self.folder / path).read_bytes().strip()

    def pay(self, provider: str = "wechat", txn: str = "T1", fen: int = 10000, **more: Any) -> None:
        known = {"channel": provider, "provider_txn": txn, "merchant_txn": f"m-{txn}"}
        body = known | {"paid_fen": fen} | more
        assert self.client.put("/simulator/payments", json=body).status_code == 200

    def tell(self, path: str, **body: Any) -> None:
        assert self.client.post(f"/simulator/{path}", json=body).status_code == 200

    def moves(self, **asked: str) -> list[dict[str, Any]]:
        return self.client.get("/simulator/moves", params=asked).json()["moves"]

    def log(self) -> list[dict[str, Any]]:
        return self.client.get("/simulator/log").json()["requests"]

    def refund(self, number: str, fen: int, total: int = 10000, **more: Any) -> httpx.Response:
        amount = {"refund": fen, "total": total, "currency": "CNY"}
        body = {"transaction_id": "T1", "out_refund_no": number, "amount": amount} | more
        return self.wechat("POST", REFUNDS, body)

    def query(self, number: str) -> httpx.Response:
        return self.wechat("GET", f"{REFUNDS}/{number}")

    def wechat(
        self, method: str, path: str, body: object = None, late: int = 0, mchid: str = ""
    ) -> httpx.Response:
        content = json.dumps(body).encode() if body is not None else b""
        stamp, nonce = str(int(self.now.timestamp()) - late), secrets.token_hex(8)
        text = f"{method}\n{path}\n{stamp}\n{nonce}\n".encode() + content + b"\n"
        account = self.settings["wechat"]
        said = {
            "mchid": mchid or account["mchid"],
            "nonce_str": nonce,
            "signature": self.sign("wechat", text),
            "timestamp": stamp,
            "serial_no": account["serial"],
        }
        listed = ",".join(f'{name}="{value}"' for name, value in said.items())
        headers = {
            "Authorization": f"WECHATPAY2-SHA256-RSA2048 {listed}",
            "Wechatpay-Serial": account["platform_serial"],
        }
        return self.client.request(method, path, content=content, headers=headers)

    def alipay(
        self, method: str, zone: timezone = BEIJING, by: dict[str, str] | None = None, **biz: Any
    ) -> dict[str, Any]:
        """`by`: the names of certificates, instead of the right ones."""
        fields = {
            "app_id": self.settings["alipay"]["app_id"],
            "method": method,
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": self.now.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"),
            "version": "1.0",
            "biz_content": json.dumps(biz),
            **(self.certificates if by is None else by),
        }
        text = "&".join(f"{name}={fields[name]}" for name in sorted(fields)).encode()
        form = urlencode(fields | {"sign": self.sign("alipay", text)})
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        said = self.client.post("/gateway.do", content=form, headers=kind).text
        node, _, sign = said.removesuffix('"}').rpartition(',"sign":"')
        node, _, certificate = node.partition(',"alipay_cert_sn":"')
        assert bool(certificate) is ("app_cert_sn" in fields)
        name, _, inner = node[1:].partition(":")
        assert name == f'"{method.replace(".", "_")}_response"'
        assert self.holds("alipay", "alipay_certificates", inner.encode(), sign)
        return json.loads(inner)

    @property
    def certificates(self) -> dict[str, str]:
        """What certificate mode adds to a request, as a client of others reckons it."""
        ours, root = (
            self.key("alipay", name).decode() for name in ("app_certificate", "root_certificates")
        )
        return certificate_names(ours, root)

    def stripe(self, method: str, path: str, key: str = "", **form: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.key('stripe', 'secret_key').decode()}"}
        headers |= {"Idempotency-Key": key} if key else {}
        return self.client.request(method, path, data=form or None, headers=headers)

    def purse(self, **body: Any) -> dict[str, Any]:
        content = json.dumps(body).encode()
        stamp = str(int(self.now.timestamp()))
        headers = {
            "webhook-id": "msg_1",
            "webhook-timestamp": stamp,
            "webhook-signature": self.webhook("msg_1", stamp, content),
        }
        answer = self.client.post("/balance", content=content, headers=headers)
        given = answer.headers
        named = (given["webhook-id"], given["webhook-timestamp"], answer.content)
        assert given["webhook-signature"] == self.webhook(*named)
        return answer.json()

    def webhook(self, message_id: str, stamp: str, content: bytes) -> str:
        key = b64decode(self.key("balance", "secret").removeprefix(b"whsec_"))
        text = f"{message_id}.{stamp}.".encode() + content
        return "v1," + b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()

    def sign(self, section: str, text: bytes) -> str:
        key = load_pem_private_key(
            self.key(section, "private_key"), None, unsafe_skip_rsa_key_validation=True
        )
        return b64encode(key.sign(text, PKCS1v15(), SHA256())).decode()

    def holds(self, section: str, name: str, text: bytes, signature: str) -> bool:
        pem = self.key(section, name)
        certified = b"CERTIFICATE" in pem
        key = load_pem_x509_certificate(pem).public_key() if certified else load_pem_public_key(pem)
        key.verify(b64decode(signature), text, PKCS1v15(), SHA256())
        return True

    def is_signed(self, answer: httpx.Response) -> bool:
        """Whether WeChat's answer is the platform's."""
        given = answer.headers
        head = f"{given['Wechatpay-Timestamp']}\n{given['Wechatpay-Nonce']}\n".encode()
        text = head + answer.content + b"\n"
        return self.holds("wechat", "platform_key", text, given["Wechatpay-Signature"])
