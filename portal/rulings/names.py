"""What a seat is called on a page: its number has a name, its reviewer has none."""

from __future__ import annotations

from portal.formats import in_english

# Stems, then branches: seats keep their order, people stay unnamed. A panel has 15 at most.
NAMES = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰"
LETTERS = "ABCDEFGHIJKLMNO"


def seat_name(seat: int) -> str:
    """甲 or A for seat 1, and so on."""
    names = LETTERS if in_english() else NAMES
    return names[seat - 1] if 0 < seat <= len(names) else str(seat)
