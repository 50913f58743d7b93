"""How each provider signs, as functions of bytes; held against published vectors in the tests.

    WeChat Pay v3   RSA-SHA256 over five lines (request) or three (answer, notice), AES-256-GCM
    Alipay v1       RSA-SHA256 over sorted k=v, or over the raw text of `…_response`
    Stripe          HMAC-SHA256 over `t.payload`
    platform        Standard Webhooks: HMAC-SHA256 over `id.timestamp.payload`

A signature that cannot be read does not hold; nothing here raises for what a stranger sent.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from portal.providers.values import Forged, Prepared

WINDOW_SECONDS = 300  # WeChat, Stripe and Standard Webhooks agree on five minutes
_STAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_JSON = json.JSONDecoder()


def prepare(method: str, path: str, content: bytes) -> Prepared:
    """The request with the digest under which it is recorded."""
    digest = hashlib.sha256(f"{method}\n{path}\n".encode() + content).hexdigest()
    return Prepared(method, path, content, digest)


def sign_rsa(key: RSAPrivateKey, content: bytes) -> str:
    """Base64 of the RSA-SHA256 signature (PKCS #1 v1.5), as WeChat and Alipay want it."""
    return base64.b64encode(key.sign(content, PKCS1v15(), SHA256())).decode()


def holds_rsa(key: RSAPublicKey, content: bytes, signature: str) -> bool:
    """Whether a base64 RSA-SHA256 signature holds. SHA-1 is nowhere tried."""
    try:
        key.verify(base64.b64decode(signature, validate=True), content, PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def wechat_request(method: str, path: str, stamp: str, nonce: str, content: bytes) -> bytes:
    """The five lines that a request signs; `path` with its query."""
    return f"{method}\n{path}\n{stamp}\n{nonce}\n".encode() + content + b"\n"


def wechat_answer(stamp: str, nonce: str, content: bytes) -> bytes:
    """The three lines that an answer or a notice signs."""
    return f"{stamp}\n{nonce}\n".encode() + content + b"\n"


def open_sealed(key: bytes, nonce: str, associated: str, ciphertext: str) -> bytes:
    """AES-GCM as in a notice's `resource`. Raises Forged."""
    try:
        sealed = base64.b64decode(ciphertext, validate=True)
        return AESGCM(key).decrypt(nonce.encode(), sealed, associated.encode())
    except (InvalidTag, ValueError, OverflowError):
        raise Forged("cannot be opened with our key") from None


def seal_field(key: RSAPublicKey, text: str) -> str:
    """A personal field for WeChat's eyes: RSA-OAEP (SHA-1 is what its documents prescribe)."""
    padding = OAEP(mgf=MGF1(SHA1()), algorithm=SHA1(), label=None)  # noqa: S303
    return base64.b64encode(key.encrypt(text.encode(), padding)).decode()


def alipay_text(fields: Mapping[str, str], without: tuple[str, ...] = ("sign",)) -> bytes:
    """Sorted ``k=v`` joined by &, without empty values and without those named."""
    kept = sorted((k, v) for k, v in fields.items() if v != "" and k not in without)
    return "&".join(f"{key}={value}" for key, value in kept).encode()


def alipay_signed_part(raw: bytes, response_key: str) -> bytes:
    """The raw text that a synchronous answer signs, never re-written; b"" where there is none.

    It ends with its value: `alipay_cert_sn` and `sign` follow, and may stand inside it as well.
    """
    start = re.match(rb'\s*\{\s*"' + re.escape(response_key).encode() + rb'"\s*:\s*', raw)
    if start is None:
        return b""
    try:
        text = raw[start.end() :].decode()
        _value, length = _JSON.raw_decode(text)
    except (ValueError, RecursionError):
        return b""
    return text[:length].encode()


def is_fresh(stamp: str, now: datetime) -> bool:
    """Whether a Unix time in seconds lies less than five minutes from `now`, either way."""
    return bool(_STAMP.fullmatch(stamp)) and abs(now.timestamp() - int(stamp)) < WINDOW_SECONDS


def stripe_signature(secret: str, stamp: str, content: bytes) -> str:
    """The hex of `v1=`."""
    return hmac.new(secret.encode(), f"{stamp}.".encode() + content, hashlib.sha256).hexdigest()


def holds_stripe(secret: str, header: str, content: bytes, now: datetime) -> bool:
    """A `Stripe-Signature` header: fresh, and one of its v1 values is ours."""
    parts = [part.strip().split("=", 1) for part in header.split(",") if "=" in part]
    stamp = next((value for key, value in parts if key == "t"), "")
    if not is_fresh(stamp, now):
        return False
    ours = stripe_signature(secret, stamp, content).encode()
    return any(key == "v1" and _same(ours, value) for key, value in parts)


def webhook_key(secret: str) -> bytes:
    """The bytes of a `whsec_…` secret. Raises ValueError."""
    if not secret.startswith("whsec_"):
        raise ValueError("a secret of Standard Webhooks begins with whsec_")
    return base64.b64decode(secret.removeprefix("whsec_"), validate=True)


def webhook_signature(key: bytes, message_id: str, stamp: str, content: bytes) -> str:
    """``v1,<base64>`` of Standard Webhooks."""
    mac = hmac.new(key, f"{message_id}.{stamp}.".encode() + content, hashlib.sha256)
    return "v1," + base64.b64encode(mac.digest()).decode()


def holds_webhook(key: bytes, headers: Mapping[str, str], content: bytes, now: datetime) -> bool:
    """Whether `webhook-id`, `-timestamp` and `-signature` (small letters) vouch for the content."""
    message_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or not is_fresh(stamp, now):
        return False
    ours = webhook_signature(key, message_id, stamp, content).encode()
    return any(_same(ours, given) for given in headers.get("webhook-signature", "").split(" "))


def _same(ours: bytes, given: str) -> bool:
    return hmac.compare_digest(ours, given.encode("utf-8", "surrogateescape"))
