"""Checks of one case's exchanges with providers: every request was intended, every step that a
provider's word led to has that word, signed, and the books say what the ledger says."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from ledger import leaf_digest
from portal.books.accounts import CURRENCY
from portal.books.postings import Posting, postings
from portal.books.tables import JournalRow
from portal.history import History
from portal.invariants.movement_checks import Told, steps_of
from portal.invariants.return_checks import never_too_much, unintended
from portal.refunds.reserving import day_of
from portal.refunds.state import Movement, attempt_no
from portal.refunds.tables import CallRow
from portal.times import moment

# Steps that only a provider's own word can lead to, by where it came from.
SPOKEN = {
    "ANSWER": ("SUBMIT", "ABNORMAL", "ABNORMAL_SHOP"),
    "QUERY": ("QUERY",),
    "NOTICE": ("NOTICE",),
}
RETURNED = {"ANSWER": "RETURN", "QUERY": "RETURN_QUERY"}  # of an advance, likewise


def journal_as_recorded(told: Told) -> Iterator[str]:
    """I5: the postings of the case are those that follow from its events, to the fen."""
    wanted = {posting.id: _posted(posting) for posting in postings(told.case)}
    kept = {row.id: _kept(row) for row in told.journal}
    for name in sorted(wanted.keys() | kept.keys()):
        if wanted.get(name) != kept.get(name):
            yield name


def _posted(posting: Posting) -> tuple[object, ...]:
    leg = posting.leg
    where = posting.refund_no, posting.day, CURRENCY
    return leg.debit, leg.credit, leg.amount_fen, leg.kind, leg.part, *where


def _kept(row: JournalRow) -> tuple[object, ...]:
    where = row.refund_no, row.day, row.currency
    return row.debit, row.credit, row.amount_fen, row.kind, row.part, *where


def lines_of_no_entry(journal: Iterable[JournalRow], history: History) -> Iterator[str]:
    """I5: each line names an entry of its case, by its place and its hash."""
    there = {(each.index, leaf_digest(each.raw.encode()).hex()) for each in history.entries}
    yield from (row.id for row in journal if (row.entry_index, row.entry_digest) not in there)


def calls_were_intended(told: Told) -> Iterator[str]:
    """I9: no more requests under a number than intents in the ledger, with their bytes; and no
    intent that nobody looked after."""
    asked = [call for call in told.calls if call.kind == "SUBMIT"]
    intents = Counter(_intents(told))
    for number, times in Counter((call.number, call.request_digest) for call in asked).items():
        if times > intents[number]:
            yield f"{number[0]}: {times} > {intents[number]}"
    yield from unintended(told.movements, told.calls)
    for movement in told.movements:
        yield from _forgotten(told, movement)


def came_back_once(told: Told) -> Iterator[str]:
    """I14: of each advance no more than it was, and through its provider once."""
    for movement in told.movements:
        yield from never_too_much(movement)


def _intents(told: Told) -> Iterator[tuple[str, str]]:
    for movement in told.movements:
        for step in steps_of(movement):
            if step.state == "SUBMITTED":
                yield attempt_no(step.refund_no, step.attempt), step.request_digest


def _forgotten(told: Told, movement: Movement) -> Iterator[str]:
    """The newest intent of an attempt that is still open must have been followed up."""
    if movement.state != "SUBMITTED":
        return
    intended_at = moment(movement.states[-1][1])
    heard = any(
        call.number == movement.attempt_no and call.sent_at >= intended_at for call in told.calls
    )
    if not heard and told.now - intended_at > told.grace:
        yield movement.attempt_no


def steps_have_a_signed_word(told: Told) -> Iterator[str]:
    """I11: what an answer, query or notice is said to have led to was really said, and signed;
    or it was said on record that the database lost it."""
    for spoken in _spoken(told):
        if spoken.word is None and told.given_up.covers(spoken.at):
            continue
        if spoken.word is None or not spoken.word.verified:
            why = "not verified" if spoken.word else "no answer kept"
            yield f"{spoken.name}: {why}"


def lost_words(told: Told) -> Iterator[str]:
    """The Beijing day of each step whose answer is not there and not given up."""
    for spoken in _spoken(told):
        if spoken.word is None and not told.given_up.covers(spoken.at):
            yield day_of(spoken.at)


@dataclass(frozen=True)
class _Spoken:
    """A step that only a provider's word can lead to, and that word as far as it was kept."""

    name: str
    at: datetime
    word: CallRow | None


def _spoken(told: Told) -> Iterator[_Spoken]:
    said: dict[tuple[str, str, str], CallRow] = {}
    for call in sorted(told.calls, key=lambda call: call.verified):
        said[call.kind, call.number, _digest(call)] = call
    for movement in told.movements:
        for step, at in movement.states:
            if step.source not in SPOKEN or step.state in ("RESERVED", "SUBMITTED"):
                continue
            number = attempt_no(step.refund_no, step.attempt)
            keys = [(kind, number, step.answer_digest) for kind in SPOKEN[step.source]]
            words = [said[key] for key in keys if key in said]
            word = max(words, key=lambda call: call.verified, default=None)
            yield _Spoken(f"{number}: {step.state} {step.source}", moment(at), word)
        for back, at in movement.returns:
            if back.source in RETURNED:
                found = said.get((RETURNED[back.source], back.number, back.answer_digest))
                yield _Spoken(f"{back.number}: {back.state} {back.source}", moment(at), found)


def _digest(call: CallRow) -> str:
    return hashlib.sha256(call.raw).hexdigest()


CALL_CHECKS: Mapping[str, Callable[[Told], Iterator[str]]] = {
    "I5": journal_as_recorded,
    "I9": calls_were_intended,
    "I11": steps_have_a_signed_word,
    "I14": came_back_once,
}
