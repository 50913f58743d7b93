"""What the payee may say about money that the provider calls paid."""

from __future__ import annotations

from dataclasses import dataclass

from portal.streams import case_stream


@dataclass(frozen=True)
class ConfirmArrival:
    """It is there."""

    case_no: str
    refund_no: str

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class QuestionArrival:
    """It is not there, although the last promised day has passed."""

    case_no: str
    refund_no: str
    text: str = ""

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)
