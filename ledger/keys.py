"""The log's signing key: made once, kept in a file that only its owner can read.

    PRIVATE+KEY+<name>+<8 hex digits of the key id>+<base64(01 || 32-byte seed)>

is the form of Go's note package, so its tools can sign and read with the same file.
"""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from ledger.encoding import from_base64, from_utf8, to_base64
from ledger.errors import StoreUnavailable, VerificationError
from ledger.note import ED25519, Signer, Verifier, parse_vkey

# The object that names the public key of a store or a bundle: the vkey on one line.
VKEY = "log.vkey"

_PREFIX = "PRIVATE+KEY+"
_LONGEST_FILE = 4096


def generate(name: str) -> Signer:
    """A new key; `name` is the log's origin: a host name with a path, without a scheme."""
    return Signer(name, secrets.token_bytes(32))


def save(signer: Signer, path: Path) -> None:
    """Write the private key to a new file of mode 0600; an existing file is never replaced."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(format_private_key(signer).encode("utf-8") + b"\n")
            file.flush()
            os.fsync(descriptor)
    except OSError as error:
        raise StoreUnavailable(f"cannot write the key file {path}: {error.strerror}") from None


def load(path: Path) -> Signer:
    """The key in a file; VerificationError if others may read it or it is no key."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(_LONGEST_FILE)
    except OSError as error:
        raise StoreUnavailable(f"cannot read the key file {path}: {error.strerror}") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise VerificationError(f"others may read the key file {path}: chmod 600 it")
    return parse_private_key(content.decode("utf-8", "replace").strip())


def format_vkey_file(verifier: Verifier) -> bytes:
    """The content of `log.vkey`."""
    return f"{verifier.vkey}\n".encode()


def parse_vkey_file(content: bytes) -> Verifier:
    """The key in a `log.vkey`; VerificationError unless it is exactly that."""
    verifier = parse_vkey(from_utf8(content).removesuffix("\n"))
    if format_vkey_file(verifier) != content:
        raise VerificationError(f"{VKEY}: not exactly one line with a public key")
    return verifier


def format_private_key(signer: Signer) -> str:
    """The secret in one line of text."""
    verifier = signer.verifier
    secret = to_base64(ED25519 + signer.secret_seed)
    return f"{_PREFIX}{verifier.name}+{verifier.key_id.hex()}+{secret}"


def parse_private_key(text: str) -> Signer:
    """The signer of a private key; the error never contains the secret."""
    name, _, rest = text.removeprefix(_PREFIX).partition("+")
    key_id, _, encoded = rest.partition("+")
    if not text.startswith(_PREFIX) or len(encoded) != 44:
        raise VerificationError("not a private key of a log")
    signer = Signer(name, _seed(encoded))
    if signer.verifier.key_id.hex() != key_id:
        raise VerificationError(f"the key id {key_id[:8]!r} does not belong to this private key")
    return signer


def _seed(encoded: str) -> bytes:
    try:
        content = from_base64(encoded)
    except VerificationError:
        content = b""
    if len(content) != 33 or content[:1] != ED25519:
        raise VerificationError("not an Ed25519 private key (type 01)") from None
    return content[1:]
