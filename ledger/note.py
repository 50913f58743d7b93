"""Signed notes (C2SP signed-note): a text and the signature lines below it.

    This is an example message.
                                            <- an empty line
    — example.com/foo Uw2QOs6z...           <- em dash, key name, base64(key id || signature)

The signature covers the text with its last newline. Text and signatures part at the last
empty line. A key is published as `name+<8 hex digits of the key id>+<base64(01 || key)>`,
where 01 says Ed25519 and key id = SHA-256(name || 0x0A || 01 || key)[:4].

A note is opened for the keys one knows. A line by any other key is ignored, so witnesses
may add theirs; a line by a known key that fails refuses the whole note.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.curve import check_public_key
from ledger.encoding import from_base64, to_base64
from ledger.errors import VerificationError

ED25519 = b"\x01"
# As in Go's note package: no honest note comes near it, and each line costs work.
MAX_SIGNATURES = 100
# Checkpoints are some hundred bytes; post-quantum cosignatures take 3 KB a line.
MAX_NOTE_BYTES = 1_000_000
_KEY_ID_BYTES = 4


@dataclass(frozen=True)
class Signature:
    """One signature line: whose it claims to be, and its bytes after the key id."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"— {self.name} {to_base64(self.key_id + self.signature)}\n"


@dataclass(frozen=True)
class Verifier:
    """A public Ed25519 key that notes are checked against."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        check_public_key(self.public_key)

    @property
    def key_id(self) -> bytes:
        return _key_id(self.name, self.public_key)

    @property
    def vkey(self) -> str:
        """The published form of the key."""
        return f"{self.name}+{self.key_id.hex()}+{to_base64(ED25519 + self.public_key)}"

    def verify(self, text: str, signature: bytes) -> None:
        """Check one Ed25519 signature over the text; VerificationError if it fails."""
        try:
            key = Ed25519PublicKey.from_public_bytes(self.public_key)
            key.verify(signature, text.encode("utf-8"))
        except (InvalidSignature, ValueError):
            raise VerificationError(f"the signature of {self.name} does not fit the text") from None


class Signer:
    """A private Ed25519 key with its name; it never shows its seed by accident."""

    def __init__(self, name: str, seed: bytes) -> None:
        """`seed` is the 32 bytes of RFC 8032; ValueError for any other length."""
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self._seed = seed
        self.verifier = Verifier(name, self._key.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"Signer({self.verifier.vkey})"

    @property
    def name(self) -> str:
        return self.verifier.name

    @property
    def vkey(self) -> str:
        return self.verifier.vkey

    @property
    def secret_seed(self) -> bytes:
        """For the key file alone."""
        return self._seed

    def sign(self, text: str) -> str:
        """The signed note: `text` (which ends in a newline), an empty line, one signature.

        Ed25519 is deterministic: the same text gives the same note, in every process.
        """
        if not text.endswith("\n") or not _is_note_text(text):
            raise ValueError("a note's text ends in a newline and has no control characters")
        signature = self._key.sign(text.encode("utf-8"))
        return f"{text}\n{Signature(self.name, self.verifier.key_id, signature)}"


@dataclass(frozen=True)
class Note:
    """A note as read; nothing is verified yet."""

    text: str
    signatures: tuple[Signature, ...]


def parse_vkey(vkey: str) -> Verifier:
    """The verifier of a published key; VerificationError if malformed or a weak key."""
    name, _, rest = vkey.partition("+")
    key_id, _, encoded = rest.partition("+")
    content = from_base64(encoded)
    if content[:1] != ED25519:
        raise VerificationError("only Ed25519 keys (type 01) can be read")
    verifier = Verifier(name, content[1:])
    if verifier.key_id.hex() != key_id:
        raise VerificationError(f"the key id {key_id!r} does not belong to the key of {name}")
    return verifier


def parse_note(note: str) -> Note:
    """Part a signed note into its text and signatures; VerificationError if malformed."""
    if len(note) > MAX_NOTE_BYTES or not _is_note_text(note):
        raise VerificationError("not a signed note: too long, or with control characters")
    head, gap, tail = note.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise VerificationError("not a signed note: no signature lines")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise VerificationError(f"a note with more than {MAX_SIGNATURES} signatures")
    return Note(head + "\n", tuple(_parse_signature(line) for line in lines))


def open_note(note: str, verifiers: Iterable[Verifier]) -> Note:
    """The note reduced to verified signatures: at least one, and none of a known key false."""
    known = {(each.name, each.key_id): each for each in verifiers}
    parsed = parse_note(note)
    verified: dict[tuple[str, bytes], Signature] = {}
    for line in parsed.signatures:
        verifier = known.get((line.name, line.key_id))
        if verifier is not None and (line.name, line.key_id) not in verified:
            verifier.verify(parsed.text, line.signature)
            verified[line.name, line.key_id] = line
    if not verified:
        raise VerificationError("the note is not signed by any expected key")
    return Note(parsed.text, tuple(verified.values()))


def check_name(name: str) -> None:
    """Key names are non-empty valid text, without Unicode spaces and without `+`."""
    if not name or "+" in name or any(map(str.isspace, name)) or not _is_note_text(name):
        raise VerificationError(f"not a key name: {name[:80]!r}")


def _key_id(name: str, public_key: bytes) -> bytes:
    return sha256(name.encode("utf-8") + b"\n" + ED25519 + public_key).digest()[:_KEY_ID_BYTES]


def _parse_signature(line: str) -> Signature:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "—":
        raise VerificationError(f"not a signature line: {line[:80]!r}")
    check_name(name)
    content = from_base64(encoded)
    if len(content) <= _KEY_ID_BYTES:
        raise VerificationError(f"a signature line of {name} without a signature")
    return Signature(name, content[:_KEY_ID_BYTES], content[_KEY_ID_BYTES:])


def _is_note_text(text: str) -> bool:
    try:
        return min(text.encode("utf-8").replace(b"\n", b" "), default=0) >= 0x20
    except UnicodeEncodeError:
        return False
