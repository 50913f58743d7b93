"""What a side may wish after a ruling."""

from __future__ import annotations

from dataclasses import dataclass

from portal.streams import OfCase


@dataclass(frozen=True)
class FileAppeal(OfCase):
    """`side` is BUYER or MERCHANT; `ground` a code of portal/appeals/grounds.py."""

    side: str
    ground: str
    text: str


@dataclass(frozen=True)
class AnswerAppeal(OfCase):
    side: str
    text: str


@dataclass(frozen=True)
class AcceptRuling(OfCase):
    side: str
