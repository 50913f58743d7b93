"""Wishes about trustees, and what the worker notes while it opens a panel's ballots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal.events import TrusteeKey
from portal.streams import TRUSTEES, OfCase


@dataclass(frozen=True)
class EnrollTrustee:
    """From now on ballots may be sealed to this key; another key of this name is retired."""

    trustee: TrusteeKey

    @property
    def stream(self) -> str:
        return TRUSTEES


@dataclass(frozen=True)
class NotePeeled(OfCase):
    """`trustee` took its layer off; by seat, base64, empty for a ballot that did not open."""

    trustee: str
    partner: str
    peeled: Mapping[str, str]


@dataclass(frozen=True)
class NoteFailed(OfCase):
    """`why`: GARBAGE (an answer that opens nothing) or REFUSED."""

    trustee: str
    why: str


@dataclass(frozen=True)
class NoteDelayed(OfCase):
    """Fewer than two answer; `missing` are those who do not."""

    missing: tuple[str, ...]
