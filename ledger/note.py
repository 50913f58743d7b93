"""Signed notes (C2SP signed-note): a text and the signature lines below it.

    This is an example message.
                                            <- an empty line
    — example.com/foo Uw2QOs6z...           <- em dash, key name, base64(key id || signature)

Text and signatures part at the last empty line. A key is published as

    name+<8 hex digits of the key id>+<base64(type || public key)>

with key id = SHA-256(name || 0x0A || type || public key)[:4]; the types are in scheme.py.

A note is opened for the keys one knows. A line by any other key is ignored, so witnesses
may add theirs; a line by a known key that fails refuses the whole note. Of several lines by
one key the first counts, as in Go.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ledger import scheme
from ledger.encoding import from_base64, to_base64
from ledger.errors import VerificationError
from ledger.scheme import COSIGNATURE, ED25519, KEY_ID_BYTES, MLDSA44

# As in Go's note package: no honest note comes near it, and each line costs work.
MAX_SIGNATURES = 100
# Checkpoints are some hundred bytes; post-quantum cosignatures take 3 KB a line.
MAX_NOTE_BYTES = 1_000_000


@dataclass(frozen=True)
class Signature:
    """One signature line: whose it claims to be, and its bytes after the key id."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"— {self.name} {to_base64(self.key_id + self.signature)}\n"


@dataclass(frozen=True)
class Note:
    """A note as read; nothing is verified yet."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(map(str, self.signatures))}"


@dataclass(frozen=True)
class Verifier:
    """A public key that notes are checked against; never a weak or misspelled one."""

    name: str
    public_key: bytes
    kind: bytes = ED25519

    def __post_init__(self) -> None:
        check_name(self.name)
        scheme.check_key(self.name, self.kind, self.public_key)

    @property
    def key_id(self) -> bytes:
        return scheme.key_id(self.name, self.kind, self.public_key)

    @property
    def vkey(self) -> str:
        """The published form of the key."""
        return f"{self.name}+{self.key_id.hex()}+{to_base64(self.kind + self.public_key)}"

    def verify(self, text: str, signature: bytes) -> None:
        """Check one signature over a note's text; VerificationError if it fails."""
        try:
            scheme.verify(self.name, self.kind, self.public_key, text, signature)
        except VerificationError as error:
            raise VerificationError(f"the note is not as {self.name} signed it: {error}") from None


@dataclass(frozen=True, repr=False)
class PrivateKey:
    """A secret of 32 bytes with its name and kind; it never shows itself by accident."""

    name: str
    seed: bytes
    kind: bytes = ED25519

    @property
    def verifier(self) -> Verifier:
        return Verifier(self.name, scheme.derive_public_key(self.kind, self.seed), self.kind)

    def __repr__(self) -> str:
        return f"PrivateKey({self.verifier.vkey})"


class Signer:
    """The two keys of a log: Ed25519 for every reader of today, ML-DSA-44 for those to come."""

    kinds = (ED25519, MLDSA44)

    def __init__(self, name: str, seed: bytes, mldsa_seed: bytes) -> None:
        """Seeds of 32 bytes, of RFC 8032 and FIPS 204; ValueError for any other length."""
        first, second = self.kinds
        self.private_keys = PrivateKey(name, seed, first), PrivateKey(name, mldsa_seed, second)
        self.verifiers = tuple(key.verifier for key in self.private_keys)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.vkey})"

    @property
    def name(self) -> str:
        return self.verifier.name

    @property
    def verifier(self) -> Verifier:
        """The Ed25519 key."""
        return self.verifiers[0]

    @property
    def vkey(self) -> str:
        """The published form of the Ed25519 key."""
        return self.verifier.vkey

    def sign(self, text: str, at: int) -> Note:
        """The text of a checkpoint, signed with both keys at this POSIX second."""
        if not text.endswith("\n") or not _is_note_text(text):
            raise ValueError("a note's text ends in a newline and has no control characters")
        return Note(text, tuple(self._lines(text, at)))

    def _lines(self, text: str, at: int) -> Iterable[Signature]:
        for key, verifier in zip(self.private_keys, self.verifiers, strict=True):
            signature = scheme.sign(key.name, key.kind, key.seed, text, at)
            yield Signature(key.name, verifier.key_id, signature)


class Cosigner(Signer):
    """The two keys of a witness: both of kinds whose signatures carry a time."""

    kinds = (COSIGNATURE, MLDSA44)


def parse_vkey(vkey: str) -> Verifier:
    """The verifier of a published key; VerificationError if malformed or a weak key."""
    name, _, rest = vkey.partition("+")
    key_id, _, encoded = rest.partition("+")
    content = from_base64(encoded)
    verifier = Verifier(name, content[1:], content[:1])
    if verifier.key_id.hex() != key_id:
        raise VerificationError(f"the key id {key_id[:8]!r} does not belong to the key of {name}")
    return verifier


def parse_note(note: str) -> Note:
    """Part a signed note into its text and signatures; VerificationError if malformed."""
    if len(note) > MAX_NOTE_BYTES or not _is_note_text(note):
        raise VerificationError("not a signed note: too long, or with control characters")
    head, gap, tail = note.rpartition("\n\n")
    if not gap:
        raise VerificationError("not a signed note: no signature lines")
    return Note(head + "\n", parse_signatures(tail))


def parse_signatures(text: str) -> tuple[Signature, ...]:
    """The signature lines of a note or of a witness's answer: at least one, at most 100."""
    if not text.endswith("\n"):
        raise VerificationError("the last signature line is cut off, or missing")
    lines = text[:-1].split("\n", MAX_SIGNATURES)
    if len(lines) > MAX_SIGNATURES:
        raise VerificationError(f"a note with more than {MAX_SIGNATURES} signatures")
    return tuple(map(_parse_signature, lines))


def verified(note: Note, verifiers: Iterable[Verifier]) -> dict[Verifier, Signature]:
    """Who of these signed the note, maybe none; VerificationError if a line of theirs is false."""
    known = {(each.name, each.key_id): each for each in verifiers}
    found: dict[Verifier, Signature] = {}
    for line in note.signatures:
        verifier = known.get((line.name, line.key_id))
        if verifier is not None and verifier not in found:
            verifier.verify(note.text, line.signature)
            found[verifier] = line
    return found


def open_note(note: str, verifiers: Iterable[Verifier]) -> Note:
    """The note reduced to verified signatures: at least one, and none of a known key false."""
    parsed = parse_note(note)
    found = verified(parsed, verifiers)
    if not found:
        raise VerificationError("the note is not signed by any expected key")
    return Note(parsed.text, tuple(found.values()))


def check_name(name: str) -> None:
    """Key names are non-empty valid text, without Unicode spaces and without `+`."""
    if not name or "+" in name or any(map(str.isspace, name)) or not _is_note_text(name):
        raise VerificationError(f"not a key name: {name[:80]!r}")


def _parse_signature(line: str) -> Signature:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "—":
        raise VerificationError(f"not a signature line: {line[:80]!r}")
    check_name(name)
    content = from_base64(encoded)
    if len(content) <= KEY_ID_BYTES:
        raise VerificationError(f"a signature line of {name} without a signature")
    return Signature(name, content[:KEY_ID_BYTES], content[KEY_ID_BYTES:])


def _is_note_text(text: str) -> bool:
    try:
        return min(text.encode("utf-8").replace(b"\n", b" "), default=0) >= 0x20
    except UnicodeEncodeError:
        return False
