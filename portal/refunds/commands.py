"""Wishes of the execution; only the engine and a provider's verified word lead to them."""

from __future__ import annotations

from dataclasses import dataclass

from portal.events import RefundState
from portal.streams import case_stream


@dataclass(frozen=True)
class MoveMoney:
    """Steps of one movement, recorded together; the last one is where it then stands."""

    case_no: str
    steps: tuple[RefundState, ...]

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)
