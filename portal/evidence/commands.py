"""Exhibits that come on their own, outside claim and answer."""

from __future__ import annotations

from dataclasses import dataclass

from portal.events import EvidenceSealed
from portal.streams import case_stream


@dataclass(frozen=True)
class AddEvidence:
    case_no: str
    exhibits: tuple[EvidenceSealed, ...]

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)
