"""Who is preferred where much depends on judgement: experience, by a published integer rule.

In-group bias of lay reviewers falls by about 95 % as they gain experience (Kwan, Yang and Zhang,
2024, on the juries of a second-hand market), so where the sum is high or an earlier panel was
nearly split, a reviewer of twenty decided cases is five times as likely to be drawn as a new one.
Everywhere else all have the same chance: new reviewers must be able to become experienced.
"""

from __future__ import annotations

# Ten times what the fast track takes (200 yuan): a sum that is worth a fight.
HIGH_VALUE_FEN = 200_000
CASES_PER_STEP = 5
CASES_COUNTED = 20


def is_high_stakes(claimed_fen: int, support: int = 0, reject: int = 0) -> bool:
    """A high sum, or an earlier panel that would have turned with one vote."""
    return claimed_fen >= HIGH_VALUE_FEN or is_thin(support, reject)


def is_thin(support: int, reject: int) -> bool:
    """Whether moving one of these votes to the other side undoes the majority."""
    return support + reject > 0 and abs(support - reject) <= 2


def weight(base: int, decided: int, high_stakes: bool) -> int:
    """The weight of one candidate who has voted in `decided` cases that came to a count."""
    if not high_stakes:
        return base
    return base * (1 + min(decided, CASES_COUNTED) // CASES_PER_STEP)
