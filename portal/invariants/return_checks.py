"""Advances that providers gave back out of shops' accounts: asked for under an intent, by a signed
word booked, and taken once. They add up for themselves and ask none of the rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from sqlalchemy.orm import Session

from portal.books.tables import RecoupRow
from portal.events import RecoupState
from portal.history import load_case
from portal.invariants.finding import Finding, found
from portal.invariants.provider_log import ProvidersLog, refund_no_of
from portal.refunds.state import Movement
from portal.refunds.tables import CallRow

RETURN = "RETURN"
Taken = tuple[str, Movement | None]  # a refund's number, and what we know of it


def intents_of(movement: Movement) -> Counter[tuple[str, str]]:
    """(number, digest of the bytes) of every request for a return that the ledger intended."""
    asked = (event for event, _at in movement.returns if event.state == "ASKED")
    return Counter((event.number, event.request_digest) for event in asked)


def unintended(movements: Iterable[Movement], calls: Iterable[CallRow]) -> Iterator[str]:
    """I9: no more requests for a return than intents, with their bytes."""
    intents: Counter[tuple[str, str]] = Counter()
    for movement in movements:
        intents.update(intents_of(movement))
    asked = Counter((c.number, c.request_digest) for c in calls if c.kind == RETURN)
    for number, times in asked.items():
        if times > intents[number]:
            yield f"{number[0]}: {times} > {intents[number]}"


def never_too_much(movement: Movement) -> Iterator[str]:
    """I14: what came back, by whatever way, is no more than was advanced; a return is booked once,
    and for each there is the recoup that it is. After a reversal too much may have come back, which
    the recoup's own page says."""
    advanced = sum(p.amount_fen for p in movement.funding if p.account == "PLATFORM_ADVANCE")
    back = [event for event, _at in movement.recoups]
    back_fen = sum(event.amount_fen for event in back)
    if back_fen > advanced and not _was_reversed(movement):
        yield f"{movement.refund_no}: {back_fen} > {advanced}"
    booked = {(event.reference, event.amount_fen) for event in back if event.how == "PROVIDER"}
    for done in _done(movement):
        if (done.provider_ref, done.amount_fen) not in booked:
            yield f"{movement.refund_no}: {done.number} is not booked"
    if len({done.number for done in _done(movement)}) < len(list(_done(movement))):
        yield f"{movement.refund_no}: booked twice"


def by_log(session: Session, log: ProvidersLog) -> dict[str, Finding]:
    """I9 and I14 against the provider's log: what it took from shops is what we have of it."""
    there: Counter[str] = Counter()
    for each in log.given_back():
        there[refund_no_of(each.number)] += each.amount_fen
    asked = Counter(refund_no_of(each.number) for each in log.asked_back())
    movements = list(_movements(session, there.keys() | asked.keys()))
    return {
        "I9": found("I9", _asked_for_nothing(asked, movements), asked.total()),
        "I14": found("I14", _taken_otherwise(there, movements), len(there)),
    }


def _movements(session: Session, refund_nos: Iterable[str]) -> Iterator[Taken]:
    for refund_no in sorted(refund_nos):
        row = session.get(RecoupRow, refund_no)
        yield refund_no, load_case(session, row.case_no).movement(refund_no) if row else None


def _asked_for_nothing(asked: Counter[str], movements: list[Taken]) -> Iterator[str]:
    for refund_no, movement in movements:
        meant = intents_of(movement).total() if movement else 0
        if asked[refund_no] > meant:
            yield f"{refund_no}: {asked[refund_no]} > {meant}"


def _taken_otherwise(there: Counter[str], movements: list[Taken]) -> Iterator[str]:
    """One that is still asked for may have been taken without our knowing; one that was begun at
    the provider itself is recorded by hand."""
    for refund_no, movement in movements:
        back = (event for event, _at in movement.recoups) if movement else ()
        ours = sum(event.amount_fen for event in back if event.how == "PROVIDER")
        last = movement.returns[-1][0] if movement and movement.returns else None
        open_fen = last.amount_fen if last is not None and last.state == "ASKED" else 0
        if there[refund_no] not in (ours, ours + open_fen):
            yield f"{refund_no}: {there[refund_no]} / {ours}"


def _done(movement: Movement) -> Iterator[RecoupState]:
    return (event for event, _at in movement.returns if event.state == "DONE")


def _was_reversed(movement: Movement) -> bool:
    return any(event.state == "REVERSED" for event, _at in movement.states)
