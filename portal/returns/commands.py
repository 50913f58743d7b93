"""What may be wished about goods that came back."""

from __future__ import annotations

from dataclasses import dataclass

from portal.events import EvidenceSealed, Reason
from portal.streams import OfCase


@dataclass(frozen=True)
class ContestReturn(OfCase):
    """The merchant objects to the parcel. `reason` is of words.RETURN_FAULTS; `exhibits` are new,
    `known` are numbers of files that are on record already."""

    reason: str
    text: str
    carrier_state: str
    exhibits: tuple[EvidenceSealed, ...] = ()
    known: tuple[str, ...] = ()


@dataclass(frozen=True)
class AnswerReturn(OfCase):
    """The buyer's one word on the objection."""

    text: str
    exhibits: tuple[EvidenceSealed, ...] = ()
    known: tuple[str, ...] = ()


@dataclass(frozen=True)
class AskCarrier(OfCase):
    """An officer's question to the carrier, before deciding."""

    text: str


@dataclass(frozen=True)
class JudgeReturn(OfCase):
    """`outcome` is FULL, PART or NONE; `refund_fen` counts for PART, `send_back` for NONE;
    `statement` is what the carrier said, as a new exhibit."""

    outcome: str
    reasons: tuple[Reason, ...]
    refund_fen: int = 0
    send_back: bool = False
    statement: EvidenceSealed | None = None
