"""Signatures and sealed bodies, from the side of the provider."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from binascii import Error as Base64Error

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256


def rsa_sign(key: RSAPrivateKey, message: bytes) -> str:
    """RSASSA-PKCS1-v1_5 with SHA-256, base64."""
    return b64encode(key.sign(message, PKCS1v15(), SHA256())).decode()


def rsa_holds(key: RSAPublicKey, message: bytes, signature: str) -> bool:
    """Whether the base64 signature is this key's over the message."""
    try:
        key.verify(b64decode(signature, validate=True), message, PKCS1v15(), SHA256())
    except (InvalidSignature, Base64Error, ValueError):
        return False
    return True


def seal(key: bytes, plaintext: bytes, context: str) -> dict[str, str]:
    """A WeChat `resource`: AES-256-GCM with `context` as associated data, ciphertext in base64."""
    nonce = secrets.token_hex(6)
    sealed = AESGCM(key).encrypt(nonce.encode(), plaintext, context.encode())
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "nonce": nonce,
        "associated_data": context,
        "ciphertext": b64encode(sealed).decode(),
    }


def stripe_signature(secret: bytes, stamp: int, content: bytes) -> str:
    """The Stripe-Signature header."""
    mac = hmac.new(secret, b"%d." % stamp + content, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={mac}"


def webhook_signature(secret: bytes, message_id: str, stamp: str, content: bytes) -> str:
    """The webhook-signature header of Standard Webhooks; `secret` begins with whsec_."""
    key = b64decode(secret.removeprefix(b"whsec_"))
    signed = f"{message_id}.{stamp}.".encode() + content
    return "v1," + b64encode(hmac.digest(key, signed, "sha256")).decode()
