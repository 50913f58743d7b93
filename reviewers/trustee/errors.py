"""Why a trustee does not do what it is asked.

TrusteeError
  BadRequest    not a request at all: nothing was looked at
  Refused       a request that must not be answered
"""

from __future__ import annotations


class TrusteeError(Exception):
    """`code` is what the one who asked is told."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class BadRequest(TrusteeError):
    """`code`: the part of the request that cannot be read."""


class Refused(TrusteeError):
    """`code`: NOT_PROVEN, TOO_FEW_WITNESSES, NOT_A_CLOSING, OTHER_BALLOTS, OTHER_CONTEXT,
    NOT_SEALED_TO_US or OTHER_CLOSING."""
