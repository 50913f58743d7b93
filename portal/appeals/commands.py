"""What a side may wish after a ruling."""

from __future__ import annotations

from dataclasses import dataclass

from portal.streams import case_stream


@dataclass(frozen=True)
class FileAppeal:
    """`side` is BUYER or MERCHANT; `ground` a code of portal/appeals/grounds.py."""

    case_no: str
    side: str
    ground: str
    text: str

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class AnswerAppeal:
    case_no: str
    side: str
    text: str

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class AcceptRuling:
    case_no: str
    side: str

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)
