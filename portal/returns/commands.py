"""What may be wished about goods that came back."""

from __future__ import annotations

from dataclasses import dataclass

from portal.events import EvidenceSealed, Reason
from portal.streams import case_stream


@dataclass(frozen=True)
class ContestReturn:
    """The merchant objects to the parcel. `reason` is of words.RETURN_FAULTS; `exhibits` are new,
    `known` are numbers of files that are on record already."""

    case_no: str
    reason: str
    text: str
    carrier_state: str
    exhibits: tuple[EvidenceSealed, ...] = ()
    known: tuple[str, ...] = ()

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class AnswerReturn:
    """The buyer's one word on the objection."""

    case_no: str
    text: str
    exhibits: tuple[EvidenceSealed, ...] = ()
    known: tuple[str, ...] = ()

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class AskCarrier:
    """An officer's question to the carrier, before deciding."""

    case_no: str
    text: str

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class JudgeReturn:
    """`outcome` is FULL, PART or NONE; `refund_fen` counts for PART, `send_back` for NONE;
    `statement` is what the carrier said, as a new exhibit."""

    case_no: str
    outcome: str
    reasons: tuple[Reason, ...]
    refund_fen: int = 0
    send_back: bool = False
    statement: EvidenceSealed | None = None

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)
