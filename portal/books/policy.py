"""Out of whose pocket a movement comes. Pure."""

from __future__ import annotations

from portal.events import Funding


def split(rail: str, amount_fen: int, available_fen: int, advance: bool) -> tuple[Funding, ...]:
    """A refund comes back out of what the shop was paid. What is advanced, and what goes beyond
    the price, comes out of the shop's deposit as far as it goes; the platform advances the rest.

    `available_fen` is what the deposit has left. The parts are positive and make `amount_fen`.
    """
    if rail == "REFUND" and not advance:
        return (Funding("MERCHANT_PAYABLE", amount_fen),)
    deposit_fen = min(amount_fen, max(available_fen, 0))
    parts = (
        Funding("MERCHANT_DEPOSIT", deposit_fen),
        Funding("PLATFORM_ADVANCE", amount_fen - deposit_fen),
    )
    return tuple(part for part in parts if part.amount_fen)
