"""The keys of a log or a witness: made once, kept in a file that only its owner can read.

    PRIVATE+KEY+<name>+<8 hex digits of the key id>+<base64(type || 32-byte seed)>

Two such lines: Ed25519 (type 01 for a log, 04 for a witness), then ML-DSA-44 (06). The form of
the first is that of Go's note package, so its tools can sign and read with the same line.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from ledger.checkpoint import LOG_KINDS
from ledger.encoding import from_base64, from_utf8, to_base64
from ledger.errors import StoreUnavailable, VerificationError
from ledger.note import PrivateKey, Signer, Verifier, parse_vkey
from ledger.witnessing.durable import sync_folder

# The object that names the public keys of a store or a bundle: two vkeys, a line each.
VKEY = "log.vkey"

Pair = TypeVar("Pair", bound=Signer)

_PREFIX = "PRIVATE+KEY+"
_SEED_BYTES = 32
_LONGEST_FILE = 4096


def generate(name: str) -> Signer:
    """New keys; `name` is the log's origin: a host name with a path, without a scheme."""
    return generate_as(Signer, name)


def load(path: Path) -> Signer:
    """The keys in a log's file; VerificationError if others may read it or it holds none."""
    return load_as(Signer, path)


def generate_as(pair: type[Pair], name: str) -> Pair:
    """New keys of a log (Signer) or a witness (Cosigner)."""
    return pair(name, secrets.token_bytes(_SEED_BYTES), secrets.token_bytes(_SEED_BYTES))


def save(signer: Signer, path: Path) -> None:
    """Write the private keys to a new file of mode 0600; an existing file is never replaced."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(format_key_file(signer))
            file.flush()
            os.fsync(descriptor)
        sync_folder(path.parent)
    except OSError as error:
        raise StoreUnavailable(f"cannot write the key file {path}: {error.strerror}") from None


def load_as(pair: type[Pair], path: Path) -> Pair:
    """The keys in a file, of the kinds of a log or a witness as asked."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(_LONGEST_FILE)
    except OSError as error:
        raise StoreUnavailable(f"cannot read the key file {path}: {error.strerror}") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise VerificationError(f"others may read the key file {path}: chmod 600 it")
    return parse_key_file(pair, content)


def format_key_file(signer: Signer) -> bytes:
    """The secrets, a line each."""
    return "".join(f"{format_private_key(key)}\n" for key in signer.private_keys).encode()


def parse_key_file(pair: type[Pair], content: bytes) -> Pair:
    """The two keys in a key file; the error never contains a secret."""
    keys = [parse_private_key(line) for line in from_utf8(content).rstrip("\n").split("\n")]
    if tuple(key.kind for key in keys) != pair.kinds or len({key.name for key in keys}) != 1:
        wanted = " and ".join(kind.hex() for kind in pair.kinds)
        raise VerificationError(f"a key file holds two keys of one name, of types {wanted}")
    return pair(keys[0].name, *(key.seed for key in keys))


def format_vkey_file(verifiers: Iterable[Verifier]) -> bytes:
    """The content of `log.vkey`."""
    return "".join(f"{verifier.vkey}\n" for verifier in verifiers).encode()


def parse_vkey_file(content: bytes) -> tuple[Verifier, ...]:
    """The two keys in a `log.vkey`, Ed25519 first; VerificationError unless it is exactly that."""
    verifiers = tuple(parse_vkey(line) for line in from_utf8(content).split("\n")[:-1])
    kinds = tuple(verifier.kind for verifier in verifiers)
    if kinds != LOG_KINDS or verifiers[0].name != verifiers[1].name:
        raise VerificationError(f"{VKEY}: not exactly two lines with the public keys of one log")
    if format_vkey_file(verifiers) != content:
        raise VerificationError(f"{VKEY}: something stands beside the keys")
    return verifiers


def format_private_key(key: PrivateKey) -> str:
    """One secret in one line of text."""
    secret = to_base64(key.kind + key.seed)
    return f"{_PREFIX}{key.name}+{key.verifier.key_id.hex()}+{secret}"


def parse_private_key(text: str) -> PrivateKey:
    """The secret of one line; the error never contains it."""
    name, _, rest = text.removeprefix(_PREFIX).partition("+")
    key_id, _, encoded = rest.partition("+")
    content = _decode(encoded)
    if not text.startswith(_PREFIX) or len(content) != 1 + _SEED_BYTES:
        raise VerificationError("not a private key of a log or a witness")
    key = PrivateKey(name, content[1:], content[:1])
    if key.verifier.key_id.hex() != key_id:
        raise VerificationError("the key id of a private key does not belong to it")
    return key


def _decode(encoded: str) -> bytes:
    try:
        return from_base64(encoded)
    except VerificationError:  # its sentence would show the secret
        return b""
