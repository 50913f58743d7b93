"""What an officer may wish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.events import EvidenceSealed, Reason
from portal.streams import case_stream


@dataclass(frozen=True)
class DecideCase:
    """`choice` is SUPPORT_CLAIMANT, PARTIAL or SUPPORT_RESPONDENT. Remedy and amounts (fen) count
    for PARTIAL only; `liability` is basis points by party, empty when nothing is said of it;
    `clause` is the number of a clause in the case's own version of the rules."""

    case_no: str
    choice: str
    reasons: tuple[Reason, ...]
    clause: int
    remedy: str = ""
    refund_fen: int = 0
    compensation_fen: int = 0
    liability: Mapping[str, int] = field(default_factory=dict)

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class OrderAppraisal:
    """`payer` advances the cost: BUYER, MERCHANT or PLATFORM."""

    case_no: str
    question: str
    laboratory: str
    payer: str

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class ReceiveAppraisal:
    """The laboratory's report as an exhibit, and what it says in one paragraph."""

    case_no: str
    report: EvidenceSealed
    text: str

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class ConfirmStatutory:
    case_no: str
    confirmed: bool
    text: str

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)
