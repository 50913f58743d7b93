"""What people decide about money: to let it go, to move it by hand, to limit it."""

from __future__ import annotations

from dataclasses import dataclass

from portal.streams import CONTROLS, case_stream


@dataclass(frozen=True)
class ApproveMoney:
    """One of two who let a large sum go. `authority_fen`: up to how much this person may."""

    case_no: str
    refund_no: str
    approver: str
    text: str
    authority_fen: int

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class OverrideMoney:
    """By hand, with a reason. `authority_fen` is None for the engine itself."""

    case_no: str
    refund_no: str
    what: str
    text: str
    approver: str
    authority_fen: int | None = None

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


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
