"""Receipts: one that was given before, and how the API answers one."""

from __future__ import annotations

from dataclasses import asdict

from pydantic import BaseModel

from portal.house import House
from portal.recorder import Receipt, receipt_of


class ReceiptOut(BaseModel):
    """Where a record stands and the digest that proves it; GET /api/v1/receipts/{index}."""

    index: int
    count: int
    digest: str
    at: str
    stream: str


def receipt_out(receipt: Receipt) -> ReceiptOut:
    return ReceiptOut(**asdict(receipt))


def earlier_receipt(house: House, command_id: str) -> Receipt | None:
    """The receipt of a command that is on record already; saves storing its files again."""
    entries = house.log.recorded(command_id)
    if entries is None:
        return None
    house.projection.catch_up()
    return receipt_of(entries)
