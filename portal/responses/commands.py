"""What a merchant may wish."""

from __future__ import annotations

from dataclasses import dataclass

from portal.events import Contest, EvidenceSealed, Remedy
from portal.streams import case_stream


@dataclass(frozen=True)
class FileResponse:
    """`answer` is AGREE, OFFER or DENY; an offer rides along only with OFFER."""

    case_no: str
    answer: str
    text: str
    reason_code: str
    offer: Remedy | None
    contested: tuple[Contest, ...]
    exhibits: tuple[EvidenceSealed, ...]

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class ConfirmReturn:
    case_no: str

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)
