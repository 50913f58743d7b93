"""One table of a settings file, and what it may hold: texts, switches, addresses, keys in files.

It remembers which of its fields were read, so that a misspelt one is named and not passed over.
Messages name fields and files, never contents.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)
from cryptography.x509 import Certificate, load_pem_x509_certificates

LEAST_BITS = 2048
Key = TypeVar("Key")


class SettingsTable:
    """A table of the file; every reader raises ValueError naming the field."""

    def __init__(
        self, name: str, fields: Mapping[str, Any], folder: Path, secure: bool = False
    ) -> None:
        self.name = name
        self.secure = secure  # addresses must be https: keys and money go there
        self._fields = dict(fields)
        self._folder = folder

    def _fail(self, field_name: str, why: str) -> ValueError:
        where = f"[{self.name}] " if self.name else ""
        return ValueError(f"{where}{field_name}: {why}")

    def text(self, name: str, default: str | None = None) -> str:
        """A text; without a default it must be there."""
        value = self._fields.pop(name, default)
        if not isinstance(value, str) or (default is None and not value):
            raise self._fail(name, "must be a text")
        return value

    def switch(self, name: str) -> bool:
        """true or false; false where it is not there."""
        value = self._fields.pop(name, False)
        if not isinstance(value, bool):
            raise self._fail(name, "must be true or false")
        return value

    def address(self, name: str, default: str | None) -> str:
        """An http(s) address without a slash at its end."""
        value = self.text(name, default).rstrip("/")
        parts = urlsplit(value)
        fits = parts.scheme == "https" or (parts.scheme == "http" and not self.secure)
        if value and not (fits and parts.netloc and not parts.query and not parts.fragment):
            raise self._fail(name, f"must be an {'https ' if self.secure else ''}address")
        return value

    def section(self, name: str) -> SettingsTable | None:
        """A table in this one, if it is there."""
        fields = self._fields.pop(name, None)
        if fields is not None and not isinstance(fields, dict):
            raise self._fail(name, "must be a table")
        return None if fields is None else SettingsTable(name, fields, self._folder, self.secure)

    def secret(self, name: str) -> str:
        """What stands in a file that only its owner may read."""
        path = self._folder / self.text(name)
        content = self._read(name, path)
        if path.stat().st_mode & 0o077:
            raise self._fail(name, "others may read the file; chmod 600 it")
        try:
            return content.decode("ascii").strip()
        except ValueError:
            raise self._fail(name, "must hold plain text") from None

    def certificates(self, name: str) -> list[list[Certificate]]:
        """The certificates of each file named; of a chain the first is meant. None where the field
        is not there."""
        listed = self._fields.pop(name, [])
        listed = [listed] if isinstance(listed, str) else listed
        if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
            raise self._fail(name, "must be a file, or a list of files")
        return [self._chain(name, self._folder / each) for each in listed]

    def _chain(self, name: str, path: Path) -> list[Certificate]:
        content = self._read(name, path)
        try:
            return load_pem_x509_certificates(content)
        except ValueError:
            raise self._fail(name, "not a certificate in PEM") from None

    def private_key(self, name: str) -> RSAPrivateKey:
        """An RSA key in PEM, or in the bare base64 that Alipay's tool writes."""
        text = self.secret(name)
        try:
            pem = text.startswith("-----")
            key = (
                load_pem_private_key(text.encode(), None)
                if pem
                else load_der_private_key(base64.b64decode(text), None)
            )
        except (ValueError, TypeError):
            raise self._fail(name, "not a private key in PEM, without a password") from None
        return checked_rsa(key, RSAPrivateKey, f"{self.name}] [{name}")

    def public_key(self, name: str) -> RSAPublicKey:
        """As private_key; nobody minds who reads it."""
        text = self._read(name, self._folder / self.text(name)).strip()
        try:
            pem = text.startswith(b"-----")
            key = load_pem_public_key(text) if pem else load_der_public_key(base64.b64decode(text))
        except ValueError:
            raise self._fail(name, "not a public key in PEM") from None
        return checked_rsa(key, RSAPublicKey, f"{self.name}] [{name}")

    def _read(self, name: str, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise self._fail(name, f"the file cannot be read: {error.strerror}") from None

    def refuse_more(self) -> None:
        """Raises ValueError for a field that nobody asked for."""
        if self._fields:
            raise self._fail(sorted(self._fields)[0], "there is no such setting")


def checked_rsa(key: object, kind: type[Key], where: str) -> Key:
    """The key, if it is of this kind and long enough."""
    if not isinstance(key, kind) or getattr(key, "key_size", 0) < LEAST_BITS:
        raise ValueError(f"[{where}]: must be an RSA key of at least {LEAST_BITS} bits")
    return key
