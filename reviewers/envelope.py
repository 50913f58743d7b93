"""The sealed ballot: an envelope that any two of a panel's three trustees can open, and no one.

    envelope    canonical JSON (RFC 8785), at most 65,536 bytes:
                {"v": "mingan/envelope/v1", "context": {"case_no", "round", "rules", "seat"},
                 "nonce", "ciphertext", "key_digest", "wraps": [{"outer", "inner", "sealed"}]}
                bytes as padded base64, key_digest as hex
    key         32 random bytes, the ballot's own
    ciphertext  AES-256-GCM(key, nonce, padded ballot, associated data = canonical context)
    key_digest  SHA-256("mingan/ballot/v1\\n" || key)
    wraps       one for every two of the three trustees, `outer` the earlier in the panel's order:
                HPKE to outer of (HPKE to inner of the key), both with info =
                "mingan/ballot/v1\\n" || canonical context || "\\n" || outer || "\\n" || inner
    HPKE        RFC 9180, base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM;
                encapsulated key (32 bytes) || ciphertext
    slip        hex SHA-256 of the envelope's bytes

AES-GCM does not bind a ciphertext to one key: without `key_digest` a voter could seal another key
for each pair and have two votes, and whoever chose the pair would choose the vote.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from reviewers.ballot import PADDED_TO
from reviewers.errors import EnvelopeRefused

VERSION = "mingan/envelope/v1"
DOMAIN = b"mingan/ballot/v1\n"
TRUSTEES = 3
KEY_LENGTH = 32
NONCE_LENGTH = 12
TAG_LENGTH = 16
INNER_LENGTH = 32 + KEY_LENGTH + TAG_LENGTH  # encapsulated key, key, tag
SEALED_LENGTH = 32 + INNER_LENGTH + TAG_LENGTH
LONGEST_BALLOT = 4 * PADDED_TO
LONGEST_ENVELOPE = 65_536
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)
_FIELDS = {"v", "context", "nonce", "ciphertext", "key_digest", "wraps"}


@dataclass(frozen=True, slots=True)
class Context:
    """What a ballot was sealed for; `rules` is the rule version of the case."""

    case_no: str
    round: int
    seat: int
    rules: str

    def canonical(self) -> bytes:
        """The associated data of the ballot and part of every wrap's info."""
        return _canonical(asdict(self))


@dataclass(frozen=True, slots=True)
class Wrap:
    """The ballot's key under the layers of two trustees; `outer` takes its layer off first."""

    outer: str
    inner: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """A sealed ballot as read: every length is right, nothing is opened."""

    context: Context
    nonce: bytes
    ciphertext: bytes
    key_digest: str
    wraps: tuple[Wrap, ...]

    def wrap(self, outer: str, inner: str) -> Wrap:
        """The wrap for these two. Raises EnvelopeRefused OTHER_TRUSTEES."""
        for one in self.wraps:
            if (one.outer, one.inner) == (outer, inner):
                return one
        raise EnvelopeRefused("OTHER_TRUSTEES")


def seal(
    ballot: bytes,
    context: Context,
    trustees: Sequence[tuple[str, bytes]],
    key: bytes,
    nonce: bytes,
) -> bytes:
    """The envelope's bytes. `trustees` are the panel's three in order: name, X25519 public key.

    `key` (32 bytes) and `nonce` (12) must be fresh random bytes. HPKE adds ephemeral keys of its
    own, so that two calls never give the same bytes. Raises ValueError for a wrong argument.
    """
    if len(key) != KEY_LENGTH or len(nonce) != NONCE_LENGTH or len(trustees) != TRUSTEES:
        raise ValueError("an envelope needs a key of 32 bytes, a nonce of 12 and three trustees")
    wraps = tuple(_wrap(key, context, *pair) for pair in combinations(trustees, 2))
    ciphertext = AESGCM(key).encrypt(nonce, ballot, context.canonical())
    envelope = Envelope(context, nonce, ciphertext, key_digest(key), wraps)
    content = _encode(envelope)
    check_envelope(content, context, [name for name, _ in trustees])
    return content


def read(content: bytes) -> Envelope:
    """Raises EnvelopeRefused UNREADABLE for anything but the one spelling of an envelope."""
    if len(content) > LONGEST_ENVELOPE:
        raise EnvelopeRefused("TOO_LARGE")
    try:
        fields = json.loads(content)
        envelope = _envelope(fields)
        same = _encode(envelope) == content
    except (ValueError, KeyError, TypeError, RecursionError):
        raise EnvelopeRefused("UNREADABLE") from None
    if not same:
        raise EnvelopeRefused("UNREADABLE")
    return envelope


def check_envelope(content: bytes, context: Context, names: Sequence[str]) -> Envelope:
    """An envelope for exactly this seat and exactly these trustees, in the panel's order.

    What it holds cannot be checked before the opening. Raises EnvelopeRefused TOO_LARGE,
    UNREADABLE, OTHER_CONTEXT or OTHER_TRUSTEES.
    """
    envelope = read(content)
    if envelope.context != context:
        raise EnvelopeRefused("OTHER_CONTEXT")
    if [(one.outer, one.inner) for one in envelope.wraps] != list(combinations(names, 2)):
        raise EnvelopeRefused("OTHER_TRUSTEES")
    return envelope


def peel(content: bytes, private_key: bytes, name: str, partner: str) -> bytes:
    """Take the outer layer off: the key as sealed to `partner` alone, 80 bytes.

    Raises EnvelopeRefused, DOES_NOT_OPEN when it was sealed to another key or damaged.
    """
    envelope = read(content)
    wrap = envelope.wrap(name, partner)
    return _unsealed(wrap.sealed, private_key, _info(envelope.context, name, partner))


def finish(content: bytes, private_key: bytes, name: str, partner: str, inner: bytes) -> bytes:
    """The ballot's key, from what `partner` left after peel(). Raises as peel() does."""
    envelope = read(content)
    envelope.wrap(partner, name)
    key = _unsealed(inner, private_key, _info(envelope.context, partner, name))
    if key_digest(key) != envelope.key_digest:
        raise EnvelopeRefused("DOES_NOT_OPEN")
    return key


def open_envelope(content: bytes, key: bytes) -> bytes:
    """The padded ballot (reviewers.ballot.decode). Raises EnvelopeRefused as peel() does, and
    SPOILT when this is the key that the voter named and it opens nothing: the voter's doing."""
    envelope = read(content)
    if len(key) != KEY_LENGTH or key_digest(key) != envelope.key_digest:
        raise EnvelopeRefused("DOES_NOT_OPEN")
    try:
        return AESGCM(key).decrypt(
            envelope.nonce, envelope.ciphertext, envelope.context.canonical()
        )
    except InvalidTag:
        raise EnvelopeRefused("SPOILT") from None


def slip(content: bytes) -> str:
    """What the voter keeps and the log shows: hex SHA-256 of the envelope's bytes."""
    return hashlib.sha256(content).hexdigest()


def key_digest(key: bytes) -> str:
    """Hex; says nothing about a random key, and allows no second one."""
    return hashlib.sha256(DOMAIN + key).hexdigest()


def _wrap(key: bytes, context: Context, outer: tuple[str, bytes], inner: tuple[str, bytes]) -> Wrap:
    info = _info(context, outer[0], inner[0])
    within = _SUITE.encrypt(key, X25519PublicKey.from_public_bytes(inner[1]), info)
    sealed = _SUITE.encrypt(within, X25519PublicKey.from_public_bytes(outer[1]), info)
    return Wrap(outer[0], inner[0], sealed)


def _unsealed(sealed: bytes, private_key: bytes, info: bytes) -> bytes:
    try:
        return _SUITE.decrypt(sealed, X25519PrivateKey.from_private_bytes(private_key), info)
    except (InvalidTag, ValueError):
        raise EnvelopeRefused("DOES_NOT_OPEN") from None


def _info(context: Context, outer: str, inner: str) -> bytes:
    return DOMAIN + context.canonical() + f"\n{outer}\n{inner}".encode()


def _encode(envelope: Envelope) -> bytes:
    wraps = [asdict(one) | {"sealed": _base64(one.sealed)} for one in envelope.wraps]
    return _canonical(
        {
            "v": VERSION,
            "context": asdict(envelope.context),
            "nonce": _base64(envelope.nonce),
            "ciphertext": _base64(envelope.ciphertext),
            "key_digest": envelope.key_digest,
            "wraps": wraps,
        }
    )


def _envelope(fields: dict[str, Any]) -> Envelope:
    """Raises ValueError, KeyError or TypeError for a wrong form."""
    if set(fields) != _FIELDS or fields["v"] != VERSION or not _HEX.fullmatch(fields["key_digest"]):
        raise ValueError("not an envelope")
    return Envelope(
        context=_context(fields["context"]),
        nonce=_bytes(fields["nonce"], NONCE_LENGTH),
        ciphertext=_ciphertext(fields["ciphertext"]),
        key_digest=fields["key_digest"],
        wraps=_wraps(fields["wraps"]),
    )


def _context(fields: dict[str, Any]) -> Context:
    context = Context(**fields)
    numbers = type(context.round) is int and type(context.seat) is int  # bool is an int
    if not numbers or not isinstance(context.case_no, str) or not isinstance(context.rules, str):
        raise ValueError("not a context")
    return context


def _wraps(listed: list[dict[str, str]]) -> tuple[Wrap, ...]:
    if len(listed) != TRUSTEES:  # three trustees have three pairs
        raise ValueError("not three wraps")
    for one in listed:
        if not _NAME.fullmatch(one["outer"]) or not _NAME.fullmatch(one["inner"]):
            raise ValueError("not a trustee's name")
    return tuple(
        Wrap(one["outer"], one["inner"], _bytes(one["sealed"], SEALED_LENGTH)) for one in listed
    )


def _ciphertext(text: str) -> bytes:
    content = base64.b64decode(text, validate=True)
    length = len(content) - TAG_LENGTH
    if not 0 < length <= LONGEST_BALLOT or length % PADDED_TO:
        raise ValueError("not a padded ballot")
    return content


def _bytes(text: str, length: int) -> bytes:
    content = base64.b64decode(text, validate=True)
    if len(content) != length:
        raise ValueError("another length")
    return content


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _canonical(fields: dict[str, Any]) -> bytes:
    """RFC 8785 for these fields: their keys are ASCII, their numbers whole and small."""
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()
