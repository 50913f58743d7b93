"""Wishes of the execution; only the worker sends them."""

from __future__ import annotations

from dataclasses import dataclass

from portal.streams import case_stream


@dataclass(frozen=True)
class SubmitRefund:
    """Written before the provider is called: what will be asked, by its digest."""

    case_no: str
    request_digest: str

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


@dataclass(frozen=True)
class ConfirmRefund:
    """The provider's own record of the refund."""

    case_no: str
    amount_fen: int
    provider_ref: str
    provider_at: str

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)
