"""What an officer may wish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.events import EvidenceSealed, Reason
from portal.streams import OfCase


@dataclass(frozen=True)
class DecideCase(OfCase):
    """`choice` is SUPPORT_CLAIMANT, PARTIAL or SUPPORT_RESPONDENT. Remedy and amounts (fen) count
    for PARTIAL only; `liability` is basis points by party, empty when nothing is said of it;
    `clause` is the number of a clause in the case's own version of the rules."""

    choice: str
    reasons: tuple[Reason, ...]
    clause: int
    remedy: str = ""
    refund_fen: int = 0
    compensation_fen: int = 0
    liability: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class OrderAppraisal(OfCase):
    """`payer` advances the cost: BUYER, MERCHANT or PLATFORM."""

    question: str
    laboratory: str
    payer: str


@dataclass(frozen=True)
class ReceiveAppraisal(OfCase):
    """The laboratory's report as an exhibit, and what it says in one paragraph."""

    report: EvidenceSealed
    text: str


@dataclass(frozen=True)
class ConfirmStatutory(OfCase):
    confirmed: bool
    text: str
