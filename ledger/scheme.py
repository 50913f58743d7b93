"""The three ways to sign a note that we know, by the type byte in a published key.

    type  what                         public key   signature in the note
    01    Ed25519 (signed-note)        32 bytes     64 bytes over the note's text
    04    Ed25519 cosignature/v1       32 bytes     u64 time || 64 bytes over
                                                    "cosignature/v1\\ntime <decimal>\\n" || text
    06    ML-DSA-44 (sub)tree          1,312 bytes  u64 time || 2,420 bytes over
          cosignature                               "subtree/v1\\n\\0" || u8 length || signer's name
                                                    || u64 time || u8 length || origin
                                                    || u64 start || u64 end || 32-byte root

Times are POSIX seconds, all numbers big-endian, the context of ML-DSA is empty. A checkpoint
is the subtree from 0 to its size. Sources: C2SP signed-note and tlog-cosignature, RFC 8032,
FIPS 204.

Threats. Type 04 does not sign the cosigner's name, so a key of that type must serve one
cosigner only. Type 06 does not sign lines below the root, so nobody may rely on them. ML-DSA
signatures are randomised: signing twice gives two different, equally good signatures.
"""

from __future__ import annotations

from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from ledger.curve import check_public_key as check_point
from ledger.encoding import MAX_NUMBER
from ledger.errors import VerificationError
from ledger.treehead import TreeHead, parse_tree_head

ED25519 = b"\x01"
COSIGNATURE = b"\x04"
MLDSA44 = b"\x06"
KINDS = (ED25519, COSIGNATURE, MLDSA44)

KEY_ID_BYTES = 4
_TIME_BYTES = 8
_MLDSA_KEY_BYTES = 1312
_LONGEST_NAME = 255  # in bytes; a longer one has no place in the message of type 06
_SUBTREE = b"subtree/v1\n\x00"


def key_id(name: str, kind: bytes, public_key: bytes) -> bytes:
    """Four bytes that let a reader find the key of a line; no protection by themselves."""
    content = name.encode("utf-8") + b"\n" + kind + public_key
    return sha256(content).digest()[:KEY_ID_BYTES]


def check_key(name: str, kind: bytes, public_key: bytes) -> None:
    """VerificationError unless this may be a public key of this kind and name."""
    if kind not in KINDS:
        raise VerificationError(f"keys of type {kind.hex() or 'none'} are not known here")
    if kind != MLDSA44:
        check_point(public_key)
    elif len(public_key) != _MLDSA_KEY_BYTES:
        raise VerificationError(f"an ML-DSA-44 public key has {_MLDSA_KEY_BYTES} bytes")
    else:
        _sized(name)


def derive_public_key(kind: bytes, seed: bytes) -> bytes:
    """The public key of a 32-byte seed; ValueError for any other length."""
    if kind == MLDSA44:
        return MLDSA44PrivateKey.from_seed_bytes(seed).public_key().public_bytes_raw()
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def sign(name: str, kind: bytes, seed: bytes, text: str, at: int) -> bytes:
    """The signature of one note's text; the kinds that carry a time say it was made `at`."""
    message = _message(name, kind, text, at)
    if kind == MLDSA44:
        return _time(at) + MLDSA44PrivateKey.from_seed_bytes(seed).sign(message)
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(message)
    return signature if kind == ED25519 else _time(at) + signature


def verify(name: str, kind: bytes, public_key: bytes, text: str, signature: bytes) -> None:
    """VerificationError unless the key of this kind and name signed the text."""
    at = signed_at(kind, signature)
    raw = signature if at is None else signature[_TIME_BYTES:]
    verify_bytes(kind, public_key, _message(name, kind, text, at or 0), raw)


def verify_bytes(kind: bytes, public_key: bytes, message: bytes, signature: bytes) -> None:
    """VerificationError unless the bare signature, without a time, fits the message."""
    key_type = MLDSA44PublicKey if kind == MLDSA44 else Ed25519PublicKey
    try:
        key_type.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise VerificationError("the signature does not fit") from None


def signed_at(kind: bytes, signature: bytes) -> int | None:
    """The time a signature states, in POSIX seconds; None for the kind that states none."""
    if kind == ED25519:
        return None
    at = int.from_bytes(signature[:_TIME_BYTES], "big")
    if len(signature) < _TIME_BYTES or at > MAX_NUMBER:
        raise VerificationError("a cosignature without a time")
    return at


def subtree_message(cosigner: str, at: int, head: TreeHead, start: int = 0) -> bytes:
    """What an ML-DSA-44 cosigner signs of the entries from `start` to the size of `head`."""
    bounds = start.to_bytes(8, "big") + head.size.to_bytes(8, "big")
    return _SUBTREE + _sized(cosigner) + _time(at) + _sized(head.origin) + bounds + head.root


def _message(name: str, kind: bytes, text: str, at: int) -> bytes:
    if kind == ED25519:
        return text.encode("utf-8")
    if kind == COSIGNATURE:
        return f"cosignature/v1\ntime {at}\n{text}".encode()
    return subtree_message(name, at, parse_tree_head(text))


def _sized(text: str) -> bytes:
    content = text.encode("utf-8")
    if not 0 < len(content) <= _LONGEST_NAME:
        raise VerificationError(f"a name of {len(content)} bytes does not fit: {text[:40]!r}")
    return len(content).to_bytes(1, "big") + content


def _time(at: int) -> bytes:
    return at.to_bytes(_TIME_BYTES, "big")
