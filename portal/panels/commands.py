"""Wishes about reviewers and panels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.events import FileRef, TrusteeKey
from portal.streams import case_stream


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
    """`pool` is the file of candidates, `counts` and `exclusions` what it holds by stratum and by
    code; `required` are the exhibits that a reviewer opens before voting."""

    case_no: str
    pool: FileRef
    counts: Mapping[str, int]
    exclusions: Mapping[str, int]
    pool_length: int
    required: tuple[str, ...] = ()
    beacon: str = ""  # the round of public randomness that the seed waits for

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class DrawPanel:
    """The first published checkpoint that covers PANEL_CALLED, what else goes into the seed, the
    candidates as they were fixed, and the key that seals ballots."""

    case_no: str
    checkpoint: str
    root: bytes
    candidates: Mapping[str, tuple[tuple[str, int], ...]]
    panel_kid: str
    extra: tuple[bytes, ...] = ()
    trustees: tuple[TrusteeKey, ...] = ()

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class AnswerSeat:
    """An invited reviewer's answer; to accept is to declare having no relation to the case."""

    case_no: str
    reviewer_id: str
    accept: bool
    code: str = ""
    text: str = ""

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class Recuse:
    """A reviewer who has accepted leaves the panel."""

    case_no: str
    reviewer_id: str
    code: str
    text: str = ""

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class RemoveReviewer:
    """The operator takes a reviewer off one panel; named by id: the seat may have changed hands."""

    case_no: str
    reviewer_id: str
    code: str
    text: str

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class VoidPanel:
    case_no: str
    reason: str
    text: str
    reviewer_id: str = ""

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class ProposeVoid:
    """The ballots cannot be opened any more: the association is asked for its consent."""

    case_no: str
    text: str

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class ConsentToVoid:
    case_no: str

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class CastBallot:
    """A sealed ballot. `slip` is what its voter keeps, `opened` the exhibits opened before."""

    case_no: str
    reviewer_id: str
    sealed: FileRef
    slip: str
    sealed_by: str  # BROWSER, SERVER, SERVER_KEY: portal.panels.sealing
    opened: tuple[str, ...] = ()

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class OpenBallots:
    """Every committed ballot as it opened: seat and plaintext, or seat and None if it did not.

    `keys`: by seat, hex, what opens the envelope; empty where the server's own key sealed.
    """

    case_no: str
    opened: tuple[tuple[int, bytes | None], ...]
    keys: Mapping[int, str] = field(default_factory=dict)

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)
