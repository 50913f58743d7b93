"""The file that MINGAN_TRUSTEES names: the three who hold the keys, and where to ask them.

[[trustee]]
name = "association"                # as in its own settings
holder = "ASSOCIATION"              # or OPERATOR, or THIRD: one of each
url = "https://trustee.example"
key = "QpFS...="                    # public, base64; what `python -m reviewers.trustee init` prints
token_file = "association.token"    # relative to this file; only its owner may read it
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ledger import VerificationError
from ledger.encoding import from_base64
from portal.events import TrusteeKey
from portal.witnessing import read_address
from reviewers.envelope import TRUSTEES

HOLDERS = ("OPERATOR", "ASSOCIATION", "THIRD")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
_FIELDS = {"name", "holder", "url", "key", "token_file"}


@dataclass(frozen=True)
class Trustee:
    """One of the three; the token stays out of `repr`, so out of logs."""

    name: str
    holder: str
    url: str = field(repr=False)
    key: str
    token: str = field(repr=False)

    @property
    def public(self) -> TrusteeKey:
        """What the ledger says of it."""
        return TrusteeKey(name=self.name, holder=self.holder, key=self.key)


def read_trustees(path: str) -> tuple[Trustee, ...]:
    """The three in a file; ValueError unless it names one of each kind of holder."""
    try:
        table = tomllib.loads(Path(path).read_text())
    except OSError as error:
        raise ValueError(f"the file cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not TOML: {error}") from None
    listed = table.get("trustee")
    if table.keys() != {"trustee"} or not isinstance(listed, list) or len(listed) != TRUSTEES:
        raise ValueError(f"must hold exactly {TRUSTEES} [[trustee]] and nothing else")
    trustees = tuple(_trustee(one, Path(path).parent) for one in listed)
    _refuse_twice(trustees)
    return trustees


def _refuse_twice(trustees: tuple[Trustee, ...]) -> None:
    """Two keys in one hand would let that hand open everything."""
    if sorted(each.holder for each in trustees) != sorted(HOLDERS):
        raise ValueError(f"the holders must be {', '.join(HOLDERS)}, one of each")
    for values in ({each.name for each in trustees}, {each.key for each in trustees}):
        if len(values) != TRUSTEES:
            raise ValueError("a name or a key stands there twice")


def _trustee(table: Mapping[str, Any], folder: Path) -> Trustee:
    if set(table) != _FIELDS or not all(isinstance(value, str) for value in table.values()):
        raise ValueError(f"a trustee has the texts {', '.join(sorted(_FIELDS))}")
    if not _NAME.fullmatch(table["name"]):
        raise ValueError("a trustee's name is small letters, digits and -, at most 40")
    try:
        short = len(from_base64(table["key"])) != 32
    except VerificationError:
        short = True
    if short:
        raise ValueError(f"the key of {table['name']} is not 32 bytes in base64")
    return Trustee(
        name=table["name"],
        holder=table["holder"],
        url=read_address(table["url"]).rstrip("/"),
        key=table["key"],
        token=_token(folder / table["token_file"]),
    )


def _token(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from None
