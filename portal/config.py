"""The settings, read once at start. Everything wrong is named at once, and no value is repeated in
a message: an address may hold a password.

    MINGAN_HOME          folder of this installation, ./var
    MINGAN_DATABASE_URL  sqlite:///… or postgresql://…; a file in the home folder
    MINGAN_STORE_URL     folder:/… or s3://bucket/prefix?…; a folder in the home folder
    MINGAN_ORIGIN        name of the log in its checkpoints, mingan.example/log
    MINGAN_HOST          address to listen on, 127.0.0.1
    MINGAN_PORT          8460
    MINGAN_PUBLIC_URL    address people type, http://HOST:PORT; https makes cookies secure
    MINGAN_REHEARSAL     1: invented people, and a clock that may be moved forward
    MINGAN_EXECUTOR_ID   name of this process among the workers, stable over restarts
    MINGAN_WITNESS_POLICY    file (C2SP tlog-policy) with the witnesses to ask; nobody is asked
    MINGAN_WITNESS_REQUIRED  1: nothing is published before the policy's quorum has signed
    MINGAN_TRUSTEES      file with the three who hold ballots' keys (portal.trustees.settings);
                         without it the server's own key seals them
    MINGAN_TSA_URL       time-stamping authority (RFC 3161) for each checkpoint; none
    MINGAN_TSA_ROOTS     PEM file with the roots that its answers are held against
    MINGAN_BEACON        drand chain for draws, https://HOST/<chain hash>; none
    MINGAN_PAYMENTS      file with the payment providers (portal.providers.settings); without it
                         the simulator in this process, and no money moves
    MINGAN_MAX_…         the limits, in bytes or characters (see Limits)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.x509 import Certificate

from ledger.witnessing.policy import Policy
from portal.database import psycopg_url
from portal.keyfile import KeyFileError, make_private_folder, read_or_make_key
from portal.providers.settings import Payments, read_payments
from portal.trustees.settings import Trustee, read_trustees
from portal.witnessing import read_address, read_chain, read_policy, read_roots

PORT = 8460
MEBIBYTE = 1024 * 1024


class ConfigError(Exception):
    """The settings are wrong; `problems` has a line for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("wrong settings:\n" + "\n".join(f"  {line}" for line in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Limits:
    """What one person may send. Bytes, except where the name says otherwise."""

    max_image_bytes: int = 10 * MEBIBYTE
    max_document_bytes: int = 20 * MEBIBYTE
    max_video_bytes: int = 500 * MEBIBYTE
    max_request_bytes: int = 600 * MEBIBYTE
    max_case_bytes: int = 2048 * MEBIBYTE
    max_files_per_side: int = 100


@dataclass(frozen=True)
class Hashing:
    """Argon2id's cost (RFC 9106, second recommended option): about 0.1 s a password."""

    rounds: int = 3
    memory_kib: int = 65536
    lanes: int = 4


@dataclass(frozen=True)
class Config:
    """Settings of one process. Secrets and addresses stay out of `repr`, so out of logs."""

    folder: Path
    database_url: str = field(repr=False)
    store_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    origin: str = "mingan.example/log"
    host: str = "127.0.0.1"
    port: int = PORT
    public_url: str = f"http://127.0.0.1:{PORT}"
    rehearsal: bool = False
    executor_id: str = "mingan-1"
    witness_policy: Policy | None = field(default=None, repr=False)
    witness_required: bool = False
    trustees: tuple[Trustee, ...] = field(default=(), repr=False)
    tsa_url: str | None = field(default=None, repr=False)
    tsa_roots: tuple[Certificate, ...] = field(default=(), repr=False)
    beacon: str | None = None
    payments: Payments | None = field(default=None, repr=False)
    limits: Limits = Limits()
    hashing: Hashing = Hashing()

    @property
    def keys_folder(self) -> Path:
        return self.folder / "keys"

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")

    @classmethod
    def for_folder(cls, path: Path | str, **changes: Any) -> Config:
        """A complete configuration that lives in one folder; makes the folder and its key.

        `changes` replace fields. Raises ConfigError when the key file cannot be trusted.
        """
        folder = Path(path).resolve()
        values = {
            "folder": folder,
            "database_url": f"sqlite:///{folder / 'mingan.sqlite'}",
            "store_url": f"folder:{folder / 'store'}",
            **changes,
        }
        if "secret_key" not in values:
            values["secret_key"] = _session_key(folder)
        values.setdefault("public_url", _public_url(values))
        return cls(**values)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Config:
        """The settings of a process's environment. Raises ConfigError naming all that is wrong."""
        given, problems = _read(environ)
        if problems:
            raise ConfigError(problems)
        return cls.for_folder(environ.get("MINGAN_HOME") or "var", **given)


def _read(environ: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    given: dict[str, Any] = {}
    limits: dict[str, int] = {}
    problems: list[str] = []
    for name in sorted(name for name in environ if name.startswith("MINGAN_")):
        target = limits if name in _LIMITS else given
        try:
            if environ[name]:
                target[_FIELDS[name]] = _READERS[name](environ[name])
        except KeyError:
            problems.append(f"{name}: there is no such setting")
        except ValueError as error:
            problems.append(f"{name}: {error}")
    given.pop("home", None)
    problems += [
        f"{name}: needs {other}"
        for name, other in _NEEDS.items()
        if environ.get(name) and not environ.get(other)
    ]
    payments = given.get("payments")
    if given.get("rehearsal") and payments is not None and not payments.simulated:
        problems.append("MINGAN_REHEARSAL: not with real money (MINGAN_PAYMENTS)")
    return given | ({"limits": Limits(**limits)} if limits else {}), problems


def _public_url(values: Mapping[str, Any]) -> str:
    return f"http://{values.get('host', '127.0.0.1')}:{values.get('port', PORT)}"


def _session_key(folder: Path) -> str:
    try:
        make_private_folder(folder / "keys")
        return read_or_make_key(folder / "keys" / "session.key")
    except KeyFileError as error:
        raise ConfigError([str(error)]) from error


def _database_url(text: str) -> str:
    if text.startswith("sqlite:////"):
        return text
    if re.match(r"postgres(ql)?(\+psycopg)?://", text):
        return psycopg_url(text)
    raise ValueError("must begin with sqlite://// (an absolute path) or postgresql://")


def _store_url(text: str) -> str:
    if text.startswith("folder:/") or re.match(r"s3://[a-z0-9][a-z0-9.-]+", text):
        return text
    raise ValueError("must be folder:/an/absolute/path or s3://bucket/prefix")


def _public_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/"):
        raise ValueError("must be http(s)://name[:port], without a path")
    return f"{parts.scheme}://{parts.netloc}"


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ValueError("must be a number from 1 to 65535")
    return int(text)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise ValueError("must be a whole number above 0")
    return int(text)


def _switch(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError("must be 0 or 1")
    return text == "1"


def _name(text: str) -> str:
    # A space or a plus sign would break the checkpoint's signature line (C2SP signed-note).
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9./_:-]{2,127}", text):
        raise ValueError("must be 3 to 128 letters, digits and . / _ : -")
    return text


# A setting that would silently do nothing without the other.
_NEEDS = {
    "MINGAN_WITNESS_REQUIRED": "MINGAN_WITNESS_POLICY",
    "MINGAN_TSA_ROOTS": "MINGAN_TSA_URL",
}
_LIMITS = {f"MINGAN_{limit.name.upper()}": limit.name for limit in fields(Limits)}
_READERS: dict[str, Callable[[str], Any]] = {
    "MINGAN_HOME": str,
    "MINGAN_DATABASE_URL": _database_url,
    "MINGAN_STORE_URL": _store_url,
    "MINGAN_ORIGIN": _name,
    "MINGAN_HOST": str,
    "MINGAN_PORT": _port,
    "MINGAN_PUBLIC_URL": _public_address,
    "MINGAN_REHEARSAL": _switch,
    "MINGAN_EXECUTOR_ID": _name,
    "MINGAN_WITNESS_POLICY": read_policy,
    "MINGAN_WITNESS_REQUIRED": _switch,
    "MINGAN_TRUSTEES": read_trustees,
    "MINGAN_TSA_URL": read_address,
    "MINGAN_TSA_ROOTS": read_roots,
    "MINGAN_BEACON": read_chain,
    "MINGAN_PAYMENTS": read_payments,
    **dict.fromkeys(_LIMITS, _positive),
}
_FIELDS = {name: name.removeprefix("MINGAN_").lower() for name in _READERS}
