"""What a merchant may wish."""

from __future__ import annotations

from dataclasses import dataclass

from portal.events import Contest, EvidenceSealed, Remedy
from portal.streams import OfCase


@dataclass(frozen=True)
class FileResponse(OfCase):
    """`answer` is AGREE, OFFER or DENY; an offer rides along only with OFFER."""

    answer: str
    text: str
    reason_code: str
    offer: Remedy | None
    contested: tuple[Contest, ...]
    exhibits: tuple[EvidenceSealed, ...]


@dataclass(frozen=True)
class ConfirmReturn(OfCase):
    """The merchant has the parcel and finds nothing wrong with it."""
