"""Wishes of the execution; only the engine and a provider's verified word lead to them."""

from __future__ import annotations

from dataclasses import dataclass

from portal.events import RefundState
from portal.streams import OfCase


@dataclass(frozen=True)
class MoveMoney(OfCase):
    """Steps of one movement, recorded together; the last one is where it then stands."""

    steps: tuple[RefundState, ...]
