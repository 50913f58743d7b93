"""Wishes about orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal.events import FileRef
from portal.streams import order_stream


@dataclass(frozen=True)
class RecordOrder:
    """A snapshot as the platform sent it; `core` holds a digest per part that must never change."""

    platform: str
    order_id: str
    snapshot_at: str
    digest: str
    signature: str
    core: Mapping[str, str]
    refunded: Mapping[str, int]
    snapshot: FileRef

    @property
    def stream(self) -> str:
        return order_stream(self.platform, self.order_id)

    @property
    def kid(self) -> str:
        return self.snapshot.kid
