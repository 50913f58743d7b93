"""The one-page document of a ruling, from the record to sentences and links."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext

from portal.cases.queries import SeenCase
from portal.cases.shown import Cited, all_tiles, cite
from portal.cases.state import Case, Round
from portal.errors import sentence as _
from portal.events import Owed, RulingIssued, StatutoryConfirmed
from portal.formats import yuan
from portal.rulebook import VERSIONS, Clause
from portal.rulings.orders import movement_number
from portal.words import OUTCOMES, REMEDIES

# How many of a panel said what, in the order in which it is told.
_COUNTED = (
    ("SUPPORT_CLAIMANT", _("%(n)s 位支持买家")),
    ("PARTIAL", _("%(n)s 位部分支持")),
    ("SUPPORT_RESPONDENT", _("%(n)s 位支持商家")),
    ("CANNOT_DETERMINE", _("%(n)s 位认为证据不足")),
)


@dataclass(frozen=True)
class Why:
    """One numbered reason."""

    text: str
    cited: tuple[Cited, ...]


@dataclass(frozen=True)
class Owing:
    """Granted beyond the price. `standing`: see standing_in."""

    code: str
    label: str
    amount_fen: int | None
    standing: str


def title_of(ruling: RulingIssued) -> str:
    """The outcome with what it grants, in one line."""
    outcome = gettext(OUTCOMES[ruling.outcome])
    granted = granted_of(ruling)
    if not granted:
        return outcome
    return gettext("%(outcome)s：%(granted)s", outcome=outcome, granted=granted)


def granted_of(ruling: RulingIssued) -> str:
    if ruling.outcome in ("REJECTED", "REFUSED_TO_RULE"):
        return ""
    named = gettext(REMEDIES.get(ruling.remedy, ruling.remedy))
    owed = next((o.amount_fen for o in ruling.owed if o.code == ruling.remedy), None)
    amount_fen = ruling.refund_fen or owed
    granted = f"{named} {yuan(amount_fen)}" if amount_fen else named
    beside_fen = sum(o.amount_fen or 0 for o in ruling.owed if _beside(o, ruling))
    if not beside_fen:
        return granted
    return gettext("%(granted)s，另付 %(amount)s", granted=granted, amount=yuan(beside_fen))


def _beside(owed: Owed, ruling: RulingIssued) -> bool:
    """Paid apart from what the title names first. What waits for an officer is not granted."""
    return owed.confirmed and owed.code != ruling.remedy


def count_words(panel: Round) -> str:
    """A panel's count in words; empty before it."""
    if panel.tally is None:
        return ""
    counts = panel.tally.result["counts"]
    assert isinstance(counts, dict), "the record of a count"
    parts = [gettext(text, n=counts[choice]) for choice, text in _COUNTED if counts.get(choice)]
    absent = len(panel.seats) - sum(counts.values())
    if absent:
        parts.append(gettext("%(n)s 位没有有效投票", n=absent))
    whole = gettext("%(n)s 位评审员中，", n=len(panel.seats))
    return whole + gettext("，").join(parts) + gettext("。")


def whys_of(seen: SeenCase, ruling: RulingIssued) -> tuple[Why, ...]:
    """Reasons with links. A ballot's own words stay as they are, our sentences are translated."""
    known = all_tiles(seen)
    return tuple(
        Why(gettext(r.text) if r.text else "", tuple(cite(seen, known, c) for c in r.citations))
        for r in dict.fromkeys(ruling.reasons)  # several seats may have said the same
    )


def owings_of(case: Case, ruling: RulingIssued) -> tuple[Owing, ...]:
    """What the ruling owes beyond the refund, as an officer's word on it has left it."""
    return tuple(
        Owing(
            code=o.code,
            label=gettext(REMEDIES.get(o.code, o.code)),
            amount_fen=o.amount_fen,
            standing=standing_in(case, o),
        )
        for o in ruling.owed
    )


def standing_in(case: Case, owed: Owed) -> str:
    """OWED, PAID by the one payout of the ruling, AWAITING an officer's word, or DENIED by it."""
    standing = standing_of(owed, case.statutory)
    payout = case.movement(movement_number(case.claim.case_no, "p1"))
    paid = standing == "OWED" and owed.amount_fen and payout and payout.is_paid
    return "PAID" if paid else standing


def standing_of(owed: Owed, statutory: StatutoryConfirmed | None) -> str:
    """OWED, AWAITING an officer's confirmation, or DENIED by it."""
    if owed.confirmed or (statutory and statutory.confirmed):
        return "OWED"
    return "DENIED" if statutory else "AWAITING"


def clause_of(ruling: RulingIssued) -> Clause | None:
    """The clause that the ruling names, in the version it was made under."""
    version, _hash, number = ruling.clause.partition("#")
    rules = VERSIONS.get(version)
    return next((c for c in rules.clauses if str(c.number) == number), None) if rules else None
