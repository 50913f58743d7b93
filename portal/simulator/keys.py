"""Keys of both sides, made when they are first needed; each file is its owner's alone.

<name>.key     RSA private key, PEM      <name>.pem   its public half
<name>.crt     a certificate of it       <name>.txt   a shared secret
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from cryptography.x509.oid import NameOID

BITS = 2048
_YEARS = timedelta(days=3650)
_BEGINS = datetime(2024, 1, 1, tzinfo=UTC)


class Keys:
    """The keys of one simulator, in its folder `keys`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def private(self, name: str) -> RSAPrivateKey:
        """The private key of this name."""
        return _private(self.private_file(name).read_bytes())

    def public(self, name: str) -> RSAPublicKey:
        """The public key of this name."""
        return _public(self.public_file(name).read_bytes())

    def certificate(self, name: str, by: str = "") -> x509.Certificate:
        """The certificate of this name's key."""
        return _certificate(self.certificate_file(name, by).read_bytes())

    def secret(self, name: str) -> bytes:
        """A shared secret as it stands in its file, without the line's end."""
        path = self.folder / f"{name}.txt"
        return path.read_bytes().strip()

    def secret_file(self, name: str, prefix: str = "", size: int = 16) -> Path:
        """The file of a secret of `prefix` and 2 * size hex digits, made if need be."""
        text = prefix + secrets.token_hex(size)
        return self._once(self.folder / f"{name}.txt", lambda: text.encode() + b"\n")

    def private_file(self, name: str) -> Path:
        """The file of a private key, made if need be."""
        return self._once(self.folder / f"{name}.key", _new_key)

    def public_file(self, name: str) -> Path:
        """The file of a public key, made from the private one if need be."""
        return self._once(self.folder / f"{name}.pem", lambda: public_pem(self.private(name)))

    def certificate_file(self, name: str, by: str = "") -> Path:
        """The file of a certificate, made if need be; issued `by` another's key, or its own."""
        path, by = self.folder / f"{name}.crt", by or name
        return self._once(path, lambda: self._new_certificate(name, by))

    def _new_certificate(self, name: str, by: str) -> bytes:
        # A fixed first octet: the serial then always has forty digits, as the real ones have.
        serial = int.from_bytes(b"\x3f" + secrets.token_bytes(19), "big")
        unsigned = (
            x509.CertificateBuilder()
            .subject_name(_distinguished(name))
            .issuer_name(_distinguished(by))
            .public_key(self.public(name))
            .serial_number(serial)
            .not_valid_before(_BEGINS)
            .not_valid_after(_BEGINS + _YEARS)
        )
        return unsigned.sign(self.private(by), SHA256()).public_bytes(Encoding.PEM)

    def _once(self, path: Path, make: Callable[[], bytes]) -> Path:
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_once(path, make())
        return path


def write_once(path: Path, content: bytes) -> None:
    """Written aside and linked: of two processes the first wins, and nobody reads half a file."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()


def public_pem(key: RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def serial_of(certificate: x509.Certificate) -> str:
    """As WeChat writes it: upper-case hexadecimal."""
    return f"{certificate.serial_number:X}"


def _new_key() -> bytes:
    key = generate_private_key(65537, BITS)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _distinguished(name: str) -> x509.Name:
    parts = {
        NameOID.COUNTRY_NAME: "CN",
        NameOID.ORGANIZATION_NAME: "Simulated Payments",
        NameOID.ORGANIZATIONAL_UNIT_NAME: "Certification",
        NameOID.COMMON_NAME: f"simulated {name}",
    }
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts.items()])


@lru_cache(maxsize=64)
def _private(pem: bytes) -> RSAPrivateKey:
    # We made the key ourselves; checking its primes again would take longer than using it.
    key = load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, RSAPrivateKey), "only RSA keys are made here"
    return key


@lru_cache(maxsize=64)
def _public(pem: bytes) -> RSAPublicKey:
    key = load_pem_public_key(pem)
    assert isinstance(key, RSAPublicKey), "only RSA keys are made here"
    return key


@lru_cache(maxsize=64)
def _certificate(pem: bytes) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem)
