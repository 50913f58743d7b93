"""What may be wished about an obligation in kind; `number` is O1, O2 … of the case."""

from __future__ import annotations

from dataclasses import dataclass

from portal.events import EvidenceSealed, Reason
from portal.streams import OfCase


@dataclass(frozen=True)
class Wish(OfCase):
    """About one obligation of one case."""

    number: str


@dataclass(frozen=True)
class ShipObligation(Wish):
    """The debtor has sent it."""

    side: str
    carrier: str
    waybill: str


@dataclass(frozen=True)
class DeliverObligation(Wish):
    """The carrier has handed it over, as the shop or the platform reports."""

    side: str


@dataclass(frozen=True)
class CarryOutObligation(Wish):
    """Done without a parcel. `exhibits` are new, `known` are numbers on record already."""

    side: str
    text: str
    exhibits: tuple[EvidenceSealed, ...] = ()
    known: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConfirmObligation(Wish):
    """The buyer has what was owed."""


@dataclass(frozen=True)
class DisputeObligation(Wish):
    """The buyer has not. `why` is of words.SHORTFALLS."""

    why: str
    text: str
    exhibits: tuple[EvidenceSealed, ...] = ()
    known: tuple[str, ...] = ()


@dataclass(frozen=True)
class JudgeObligation(Wish):
    """An officer says whether it is met; if not, `refund_fen` is what it is worth, None where the
    obligation names its price itself."""

    met: bool
    reasons: tuple[Reason, ...]
    refund_fen: int | None = None


@dataclass(frozen=True)
class ExpireObligation(Wish):
    """Its deadline is over, as the worker finds it."""

    due_at: str
