"""Wishes about reviewers and panels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.events import FileRef, TrusteeKey
from portal.streams import OfCase


@dataclass(frozen=True)
class AssignTrack(OfCase):
    track: str
    reason: str


@dataclass(frozen=True)
class CallPanel(OfCase):
    """`pool` is the file of candidates, `counts` and `exclusions` what it holds by stratum and by
    code; `required` are the exhibits that a reviewer opens before voting."""

    pool: FileRef
    counts: Mapping[str, int]
    exclusions: Mapping[str, int]
    pool_length: int
    required: tuple[str, ...] = ()
    beacon: str = ""  # the round of public randomness that the seed waits for


@dataclass(frozen=True)
class DrawPanel(OfCase):
    """The first published checkpoint that covers PANEL_CALLED, what else goes into the seed, the
    candidates as they were fixed, and the key that seals ballots."""

    checkpoint: str
    root: bytes
    candidates: Mapping[str, tuple[tuple[str, int], ...]]
    panel_kid: str
    extra: tuple[bytes, ...] = ()
    trustees: tuple[TrusteeKey, ...] = ()


@dataclass(frozen=True)
class AnswerSeat(OfCase):
    """An invited reviewer's answer; to accept is to declare having no relation to the case."""

    reviewer_id: str
    accept: bool
    code: str = ""
    text: str = ""


@dataclass(frozen=True)
class Recuse(OfCase):
    """A reviewer who has accepted leaves the panel."""

    reviewer_id: str
    code: str
    text: str = ""


@dataclass(frozen=True)
class RemoveReviewer(OfCase):
    """The operator takes a reviewer off one panel; named by id: the seat may have changed hands."""

    reviewer_id: str
    code: str
    text: str


@dataclass(frozen=True)
class VoidPanel(OfCase):
    reason: str
    text: str
    reviewer_id: str = ""


@dataclass(frozen=True)
class ProposeVoid(OfCase):
    """The ballots cannot be opened any more: the association is asked for its consent."""

    text: str


@dataclass(frozen=True)
class ConsentToVoid(OfCase):
    """The association agrees that the panel is voided."""


@dataclass(frozen=True)
class CastBallot(OfCase):
    """A sealed ballot. `slip` is what its voter keeps, `opened` the exhibits opened before."""

    reviewer_id: str
    sealed: FileRef
    slip: str
    sealed_by: str  # BROWSER, SERVER, SERVER_KEY: portal.panels.sealing
    opened: tuple[str, ...] = ()


@dataclass(frozen=True)
class OpenBallots(OfCase):
    """Every committed ballot as it opened: seat and plaintext, or seat and None if it did not.

    `keys`: by seat, hex, what opens the envelope; empty where the server's own key sealed.
    """

    opened: tuple[tuple[int, bytes | None], ...]
    keys: Mapping[int, str] = field(default_factory=dict)
