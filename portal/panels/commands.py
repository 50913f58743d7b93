"""Wishes about reviewers and panels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal.events import FileRef
from portal.streams import POOL, case_stream


@dataclass(frozen=True)
class EnrollReviewer:
    reviewer_id: str
    stratum: str
    weight: int = 1
    fields: tuple[str, ...] = ()

    @property
    def stream(self) -> str:
        return POOL


@dataclass(frozen=True)
class AssignTrack:
    case_no: str
    track: str
    reason: str

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class CallPanel:
    """`candidates` per stratum and `exclusions` per code, from the pool at `pool_length`."""

    case_no: str
    candidates: Mapping[str, tuple[tuple[str, int], ...]]
    exclusions: Mapping[str, int]
    pool_length: int

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class DrawPanel:
    """The first published checkpoint that covers PANEL_CALLED, and the key that seals ballots."""

    case_no: str
    checkpoint: str
    root: bytes
    panel_kid: str

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class CastBallot:
    case_no: str
    reviewer_id: str
    sealed: FileRef

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class OpenBallots:
    """Every committed ballot as it opened: seat and plaintext, or seat and None if it did not."""

    case_no: str
    opened: tuple[tuple[int, bytes | None], ...]

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)
