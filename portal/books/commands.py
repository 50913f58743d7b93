"""Wishes about deposits, and about advances that came back."""

from __future__ import annotations

from dataclasses import dataclass

from portal.streams import OfCase, deposit_stream


@dataclass(frozen=True)
class SetDeposit:
    """What a platform holds for a shop; sums in fen, `as_of` an RFC 3339 time."""

    platform: str
    shop_id: str
    account: str
    available_fen: int
    floor_fen: int
    as_of: str

    @property
    def stream(self) -> str:
        return deposit_stream(self.platform, self.shop_id)


@dataclass(frozen=True)
class RecordRecoup(OfCase):
    """A part of an advance came back. `how`: TRANSFER, WITHHELD or PROVIDER."""

    refund_no: str
    amount_fen: int
    how: str
    reference: str
