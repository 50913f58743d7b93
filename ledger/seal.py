"""Sealing the fields of an entry, and showing single ones (RFC 9901, SD-JWT).

Each field becomes a disclosure, a JSON text on one line with a random salt:

    ["lklxF5jMYlGTPUovMNIvCA","amount_fen",12900]

Its digest, base64url(SHA-256(base64url(text))), stands in the entry's sorted `_sd` list;
the texts, joined by newlines, are encrypted under the stream's data key into `sealed`.
Whoever is given one text can prove it belongs to the entry and learns no other field.
Without the data key nothing can be read or guessed, and every proof still holds.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger import canonical
from ledger.canonical import Json
from ledger.content import Draft, read_content
from ledger.encoding import from_base64url, from_utf8, to_base64url
from ledger.entry import PLAIN, Entry, Head, is_kid, parse_entry
from ledger.errors import VerificationError

SALT_BYTES = 16  # 128 bits, RFC 9901 section 9.3
_NONCE_BYTES = 12
_KEY_BYTES = 32
# RFC 9901 section 4.2.1 keeps these two names for itself.
_RESERVED_NAMES = frozenset({"_sd", "..."})


@dataclass(frozen=True)
class DataKey:
    """The 32-byte secret that seals entries and files; `kid` names it in public."""

    kid: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not is_kid(self.kid) or len(self.secret) != _KEY_BYTES:
            raise ValueError("a data key is 32 secret bytes and a short plain name")


@dataclass(frozen=True)
class Disclosure:
    """One field that can be shown alone; `text` is what was hashed."""

    salt: str
    name: str
    value: Json
    text: str

    @property
    def digest(self) -> str:
        return disclosure_digest(self.text)


def disclosure_digest(text: str) -> str:
    """RFC 9901 section 4.2.3: the hash covers the base64url form of the text."""
    try:
        encoded = to_base64url(text.encode("utf-8"))
    except UnicodeEncodeError:
        raise VerificationError("a disclosure with half a character") from None
    return to_base64url(sha256(encoded.encode("ascii")).digest())


def seal_payloads(
    stream: str, expected: Head, drafts: Sequence[Draft], data_key: DataKey
) -> list[bytes]:
    """The payloads of entries that continue a stream from a head.

    ValueError or TypeError for a caller's mistake.
    """
    return [
        _seal(draft, _associated_data(stream, seq), data_key)
        for seq, draft in enumerate(drafts, expected.length)
    ]


def open_entry(entry: Entry, data_key: DataKey) -> tuple[Disclosure, ...]:
    """Every field of an entry, in the order it was drafted.

    VerificationError if the key is another, or what it opens is not what `_sd` promises.
    """
    if data_key.kid != entry.kid:
        raise VerificationError(f"entry {entry.index} is sealed with key {entry.kid}")
    content = read_content(entry)
    nonce, ciphertext = content.sealed[:_NONCE_BYTES], content.sealed[_NONCE_BYTES:]
    try:
        associated = _associated_data(entry.stream, entry.seq)
        plain = AESGCM(data_key.secret).decrypt(nonce, ciphertext, associated)
    except InvalidTag:
        raise VerificationError(f"entry {entry.index} does not open with its key") from None
    texts = from_utf8(plain).split("\n") if plain else []
    if sorted(map(disclosure_digest, texts)) != list(content.sd):
        raise VerificationError(f"entry {entry.index}: sealed fields and digests differ")
    return parse_disclosures(texts)


def parse_disclosure(text: str) -> Disclosure:
    """Read one disclosure; VerificationError unless it is [salt, name, value]."""
    parts = canonical.loads(text)
    if not isinstance(parts, list) or len(parts) != 3:
        raise VerificationError("a disclosure is a list of salt, name and value")
    salt, name, value = parts
    if not isinstance(salt, str) or not isinstance(name, str) or name in _RESERVED_NAMES:
        raise VerificationError("a disclosure has a text salt and a name of its own")
    if len(from_base64url(salt)) < SALT_BYTES:
        raise VerificationError(f"the salt of {name} is too short to hide its value")
    return Disclosure(salt, name, value, text)


def parse_disclosures(texts: Iterable[str]) -> tuple[Disclosure, ...]:
    """Read the disclosures of one entry; no field may appear twice."""
    disclosures = tuple(map(parse_disclosure, texts))
    if len({each.name for each in disclosures}) != len(disclosures):
        raise VerificationError("one field is disclosed twice")
    return disclosures


def disclosures_match(raw_entry: bytes, texts: Iterable[str]) -> bool:
    """Whether every one of these disclosure texts belongs to the entry with these bytes."""
    entry = parse_entry(0, raw_entry)
    promised = set(read_content(entry).sd) if entry.kid != PLAIN else set[str]()
    return all(disclosure_digest(text) in promised for text in texts)


def _seal(draft: Draft, associated: bytes, data_key: DataKey) -> bytes:
    texts = [_disclose(name, value) for name, value in draft.fields.items()]
    nonce = os.urandom(_NONCE_BYTES)
    sealed = nonce + AESGCM(data_key.secret).encrypt(nonce, "\n".join(texts).encode(), associated)
    # Canonical as it stands: the keys are in order, and only the type could need an escape.
    return (
        f'{{"_sd":[{_listed(sorted(map(disclosure_digest, texts)))}],"_sd_alg":"sha-256",'
        f'"at":"{draft.at}","blobs":[{_listed(draft.blobs)}],'
        f'"sealed":"{to_base64url(sealed)}","type":{canonical.dumps(draft.type)}}}'
    ).encode()


def _listed(texts: Iterable[str]) -> str:
    return ",".join(f'"{text}"' for text in texts)


def _disclose(name: str, value: Json) -> str:
    if name in _RESERVED_NAMES:
        raise ValueError(f"a field cannot be named {name!r}")
    return canonical.dumps([to_base64url(os.urandom(SALT_BYTES)), name, value])


def _associated_data(stream: str, seq: int) -> bytes:
    """Binds the sealed text to its place: it does not open anywhere else."""
    return f"mingan/entry/v2\n{stream}\n{seq}".encode()
