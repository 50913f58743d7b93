"""What a claim's goods may cost the merchant at most on the refund rail."""

from __future__ import annotations

from portal.events import CaseFiled


def refundable_fen(claim: CaseFiled) -> int:
    """What may still be refunded: the lines' price, within what is left of the payment."""
    lines = sum(line.paid_fen for line in claim.lines)
    return max(0, min(lines, claim.payment.paid_fen - claim.payment.refunded_fen))
