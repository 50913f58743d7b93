"""What people decide about money: to let it go, to move it by hand, to limit it."""

from __future__ import annotations

from dataclasses import dataclass

from portal.streams import CONTROLS, OfCase


@dataclass(frozen=True)
class ApproveMoney(OfCase):
    """One of two who let a large sum go. `authority_fen`: up to how much this person may."""

    refund_no: str
    approver: str
    text: str
    authority_fen: int


@dataclass(frozen=True)
class OverrideMoney(OfCase):
    """By hand, with a reason. `authority_fen` is None for the engine itself."""

    refund_no: str
    what: str
    text: str
    approver: str
    authority_fen: int | None = None


@dataclass(frozen=True)
class SetControl:
    name: str
    subject: str
    value: int
    text: str
    approver: str = ""

    @property
    def stream(self) -> str:
        return CONTROLS
