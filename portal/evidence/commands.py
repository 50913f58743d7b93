"""Exhibits that come on their own, outside claim and answer."""

from __future__ import annotations

from dataclasses import dataclass

from portal.events import EvidenceSealed
from portal.streams import OfCase


@dataclass(frozen=True)
class AddEvidence(OfCase):
    exhibits: tuple[EvidenceSealed, ...]
