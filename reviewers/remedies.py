"""The remedies a panel may grant, from the least to the most intrusive for the respondent.

The order is published because it breaks ties: of two remedies with equally many ballots the
one that stands earlier is granted. First words and duties that cost little, then costs and
small sums, then mending or replacing the goods, then undoing the sale, then money beyond the
price, last what reaches past the case.
"""

from __future__ import annotations

REMEDIES = (
    "APOLOGY",
    "CORRECT_LISTING",
    "PUBLIC_STATEMENT",
    "COUPON_RESTORE",
    "FREIGHT_OUT",
    "FREIGHT_RETURN",
    "QC_FEE",
    "PRICE_ADJUST",
    "GIFT_DELIVER",
    "GIFT_VALUE",
    "RESHIP_MISSING",
    "REPAIR",
    "PARTIAL_REFUND",
    "REPLACE",
    "REPLACE_NO_RETURN",
    "REFUND_RETURN",
    "REFUND_ONLY",
    "ADVANCE_PAY",
    "COMPENSATE",
    "DEPOSIT_DOUBLE",
    "CONTRACT_PENALTY",
    "STATUTORY_TRIPLE",
    "STATUTORY_TENFOLD",
    "CREDIT_MEASURE_PROPOSAL",
    "REFER_AUTHORITY",
    "REFER_COURT",
)

WITHOUT_MONEY = frozenset(
    {
        "APOLOGY",
        "CORRECT_LISTING",
        "PUBLIC_STATEMENT",
        "COUPON_RESTORE",
        "GIFT_DELIVER",
        "RESHIP_MISSING",
        "REPAIR",
        "REPLACE",
        "REPLACE_NO_RETURN",
        "CREDIT_MEASURE_PROPOSAL",
        "REFER_AUTHORITY",
        "REFER_COURT",
    }
)

# Paid back from the price; what else is granted in money is owed beyond it.
REFUNDS = frozenset({"REFUND_RETURN", "REFUND_ONLY", "PARTIAL_REFUND", "PRICE_ADJUST"})

STATUTORY = frozenset({"STATUTORY_TRIPLE", "STATUTORY_TENFOLD"})


def intrusiveness(remedy: str) -> tuple[int, str]:
    """Sort key: place in the published order; unknown codes come last, by name."""
    return (REMEDIES.index(remedy) if remedy in REMEDIES else len(REMEDIES), remedy)
