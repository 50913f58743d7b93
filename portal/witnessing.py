"""Settings about those outside who vouch for the log: witnesses, and a time-stamping authority.

Read at start, so that a file that cannot be used stops the portal before it has answered anybody.
Messages repeat no address: one may hold a password.
"""

from __future__ import annotations

import re
from pathlib import Path

from cryptography.x509 import Certificate

from ledger import VerificationError
from ledger.timestamp import load_roots
from ledger.witnessing.http_post import check_url
from ledger.witnessing.policy import Policy, parse_policy


def read_policy(path: str) -> Policy:
    """The policy in a file (C2SP tlog-policy); ValueError unless witnesses can be asked by it."""
    try:
        policy = parse_policy(_read(path))
    except VerificationError as error:
        raise ValueError(str(error)) from None
    asked = [each for each in policy.witnesses if each.url is not None]
    for each in asked:
        read_address(str(each.url))
    if not asked:
        raise ValueError("names no witness with an address, so nobody could be asked")
    if not policy.is_met_by([each.verifier for each in asked]):
        raise ValueError("its quorum cannot be met by the witnesses that have an address")
    return policy


def read_address(text: str) -> str:
    """An address that can be asked; ValueError for any other."""
    try:
        check_url(text)
    except ValueError:
        raise ValueError("an address must begin with http:// or https:// and a host") from None
    return text


def read_chain(text: str) -> str:
    """The address of a drand chain, which ends with its hash; ValueError for any other."""
    address = read_address(text).rstrip("/")
    if not re.fullmatch(r"[0-9a-f]{64}", address.rpartition("/")[2]):
        raise ValueError("must be the address of a drand chain, which ends with its hash")
    return address


def read_roots(path: str) -> tuple[Certificate, ...]:
    """The certificates in a PEM file; ValueError if there is none."""
    try:
        return load_roots(_read(path))
    except VerificationError as error:
        raise ValueError(str(error)) from None


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ValueError(f"the file cannot be read: {error.strerror}") from None
