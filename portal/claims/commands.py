"""What a buyer may wish."""

from __future__ import annotations

from dataclasses import dataclass

from portal.events import CaseFiled, EvidenceSealed
from portal.streams import OfCase, case_stream


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
class DecideOffer(OfCase):
    accept: bool
    text: str = ""


@dataclass(frozen=True)
class ShipReturn(OfCase):
    """`freight_fen` is what the parcel cost, as the buyer says; `receipt` shows it, and is None
    where there is none or where its file is on record already, under the number `known`."""

    carrier: str
    waybill: str
    freight_fen: int = 0
    receipt: EvidenceSealed | None = None
    known: str = ""
