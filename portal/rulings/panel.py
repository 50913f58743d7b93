"""From a panel's tally to the ruling: outcome, reasons that cite, and what follows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from portal.cases.state import Case
from portal.events import Event, RulingIssued
from portal.rulebook import VERSIONS
from portal.rulings.granting import Granted, granted_by, grants_the_same, owed_by
from portal.rulings.orders import execute
from portal.rulings.reasoning import reasons_of, standing_reasons
from portal.timers import start_clock
from reviewers.ballot import Ballot
from reviewers.tally import Tally

PROMISES_BIND, COUNTED, APPEALED = 1, 6, 12  # clauses of the rules
# Grounds that say the first panel should not have decided as it sat.
UNSOUND = ("PROCEDURE", "PANEL_CONFLICT", "FRAUD")


def rule(case: Case, result: Tally, ballots: Sequence[Ballot], now: datetime) -> tuple[Event, ...]:
    """What follows from the count: a ruling that may be appealed, one that is final, or an
    officer's turn when a first panel decided nothing."""
    if case.round.kind == "APPEAL":
        return _rule_finally(case, result, ballots, now)
    if result.decided is None:
        return (start_clock("OFFICER_DECIDE", now, case.claim.rules_version),)
    ruling = _ruling(case, result, ballots)
    return (ruling, start_clock("APPEAL_WINDOW", now, case.claim.rules_version))


def _rule_finally(
    case: Case, result: Tally, ballots: Sequence[Ballot], now: datetime
) -> tuple[Event, ...]:
    before = case.ruling
    assert before is not None, "an appeal against no ruling"
    if result.decided is None:
        ruling = _standing(before, case, result)
    else:
        decided = _ruling(case, result, ballots)
        ruling = replace(decided, basis="APPEAL", appeal=_effect(case, decided, before))
    return (ruling, *execute(case, ruling, now))


def _standing(before: RulingIssued, case: Case, result: Tally) -> RulingIssued:
    return replace(
        before,
        basis="APPEAL",
        appeal="UPHOLDS",
        reasons=standing_reasons(result, before.reasons),
        clause=VERSIONS[case.claim.rules_version].clause(APPEALED),
        counts=dict(result.counts),
        dissent=(),
        round=case.round.number,
    )


def _effect(case: Case, ruling: RulingIssued, before: RulingIssued) -> str:
    """UPHOLDS, CHANGES, or VOIDS when the ground says the first panel was not sound."""
    if grants_the_same(ruling, before):
        return "UPHOLDS"
    ground = case.appeal.filed.ground if case.appeal else ""
    return "VOIDS" if ground in UNSOUND else "CHANGES"


def _ruling(case: Case, result: Tally, ballots: Sequence[Ballot]) -> RulingIssued:
    granted = granted_by(result)
    return RulingIssued(
        outcome=granted.outcome,
        basis="PANEL",
        remedy=granted.remedy,
        refund_fen=granted.refund_fen,
        return_goods=goes_back(granted),
        owed=owed_by(case, granted),
        reasons=reasons_of(case, result, ballots),
        clause=VERSIONS[case.claim.rules_version].clause(_clause(case, granted)),
        counts=dict(result.counts),
        dissent=result.dissent,
        liability=dict(result.liability),
        round=case.round.number,
    )


def goes_back(granted: Granted) -> bool:
    """Whether the goods go back before the money comes."""
    return granted.remedy == "REFUND_RETURN" and granted.refund_fen > 0


def _clause(case: Case, granted: Granted) -> int:
    """What was promised on air binds; where nothing of it was granted, how the panel counts."""
    return PROMISES_BIND if case.claim.promises and granted.outcome != "REJECTED" else COUNTED
