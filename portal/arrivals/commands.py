"""What the payee may say about money that the provider calls paid."""

from __future__ import annotations

from dataclasses import dataclass

from portal.streams import OfCase


@dataclass(frozen=True)
class ConfirmArrival(OfCase):
    """It is there."""

    refund_no: str


@dataclass(frozen=True)
class QuestionArrival(OfCase):
    """It is not there, although the last promised day has passed."""

    refund_no: str
    text: str = ""
