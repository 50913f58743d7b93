"""Wishes about deposits, and about advances that came back."""

from __future__ import annotations

from dataclasses import dataclass

from portal.events import RecoupState
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


@dataclass(frozen=True)
class WantReturn(OfCase):
    """A person has the provider give an advance back, before it is due or once more."""

    refund_no: str
    text: str
    approver: str
    authority_fen: int


@dataclass(frozen=True)
class MoveReturn(OfCase):
    """The engine's: an intent, or what a provider's verified word has led to."""

    step: RecoupState
