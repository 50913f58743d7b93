"""What a buyer may wish."""

from __future__ import annotations

from dataclasses import dataclass

from portal.events import CaseFiled, EvidenceSealed
from portal.streams import case_stream


@dataclass(frozen=True)
class FileClaim:
    """A complete claim with its exhibits, in the order in which they get their numbers."""

    claim: CaseFiled
    exhibits: tuple[EvidenceSealed, ...]
    kid: str

    @property
    def stream(self) -> str:
        return case_stream(self.claim.case_no)


@dataclass(frozen=True)
class DecideOffer:
    case_no: str
    accept: bool
    text: str = ""

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class ShipReturn:
    """`freight_fen` is what the parcel cost, as the buyer says; `receipt` shows it, and is None
    where there is none or where its file is on record already, under the number `known`."""

    case_no: str
    carrier: str
    waybill: str
    freight_fen: int = 0
    receipt: EvidenceSealed | None = None
    known: str = ""

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)
