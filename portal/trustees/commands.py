"""Wishes about trustees, and what the worker notes while it opens a panel's ballots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal.events import TrusteeKey
from portal.streams import TRUSTEES, case_stream


@dataclass(frozen=True)
class EnrollTrustee:
    """From now on ballots may be sealed to this key; another key of this name is retired."""

    trustee: TrusteeKey

    @property
    def stream(self) -> str:
        return TRUSTEES


@dataclass(frozen=True)
class NotePeeled:
    """`trustee` took its layer off; by seat, base64, empty for a ballot that did not open."""

    case_no: str
    trustee: str
    partner: str
    peeled: Mapping[str, str]

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class NoteFailed:
    """`why`: GARBAGE (an answer that opens nothing) or REFUSED."""

    case_no: str
    trustee: str
    why: str

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class NoteDelayed:
    """Fewer than two answer; `missing` are those who do not."""

    case_no: str
    missing: tuple[str, ...]

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)
