"""What a provider says it was asked and what it did, in its own words; today the simulator's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Asked:
    """A request for money that reached the provider."""

    provider: str
    number: str
    applied: bool


@dataclass(frozen=True)
class Moved:
    """Money that really moved under a number; `standing` is False once it was taken back."""

    provider: str
    number: str
    amount_fen: int
    standing: bool


@dataclass(frozen=True)
class GivenBack:
    """What a shop's account gave back of an advance; `number` is that of the refund's attempt."""

    provider: str
    number: str
    amount_fen: int


class ProvidersLog(Protocol):
    """All lists whole, in the order in which things happened."""

    def asked(self) -> Iterable[Asked]: ...

    def moved(self) -> Iterable[Moved]: ...

    def given_back(self) -> Iterable[GivenBack]: ...

    def asked_back(self) -> Iterable[Asked]: ...


def refund_no_of(number: str) -> str:
    """R20260000001n1a2 -> R20260000001n1."""
    return number.rpartition("a")[0]
