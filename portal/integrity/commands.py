"""Wishes about the integrity docket."""

from __future__ import annotations

from dataclasses import dataclass

from portal.streams import integrity_stream


@dataclass(frozen=True)
class FileReport:
    """`about`: a reviewer's pseudonym, BUYER or MERCHANT of the case, or empty if unknown."""

    report_no: str
    flag: str
    about: str
    case_no: str
    text: str
    reported_by: str  # a role, never a person

    @property
    def stream(self) -> str:
        return integrity_stream(self.report_no)


@dataclass(frozen=True)
class AnswerReport:
    report_no: str
    text: str

    @property
    def stream(self) -> str:
        return integrity_stream(self.report_no)


@dataclass(frozen=True)
class DecideReport:
    report_no: str
    finding: str
    action: str
    text: str

    @property
    def stream(self) -> str:
        return integrity_stream(self.report_no)
