"""Asking a store whether it keeps the promises of `Store`, before anything is trusted to it.

A server may take a condition and ignore it; well-known ones do, one of them only in buckets
with versions. With such a store two writers both believe that they wrote a commit. So the
questions (questions.py) are put to the ledger's own bucket and prefix, each under a new key

    probe/<32 hex digits>

and what was written is deleted afterwards. One after the other they take some fifty
requests; `deep` adds races of many threads, which show what a check without a lock hides.
"""

from __future__ import annotations

import contextlib
import secrets

from ledger.errors import NotStored, StoreLies, StoreUnavailable
from ledger.stores.questions import DEEP_QUESTIONS, QUESTIONS, Probed, Question
from ledger.stores.store import Store
from ledger.stores.verdict import Check, Outcome, Verdict

_PREFIX = "probe/"
_RUN_DIGITS, _KEY_DIGITS = 24, 8


def probe(store: Probed, *, deep: bool = False) -> Verdict:
    """Put every question; StoreUnavailable if one is not answered. `deep`: with races."""
    run = _PREFIX + secrets.token_hex(_RUN_DIGITS // 2)
    questions = QUESTIONS + DEEP_QUESTIONS if deep else QUESTIONS
    try:
        checks = [
            _check(store, f"{run}{number:0{_KEY_DIGITS}x}", question)
            for number, question in enumerate(questions)
        ]
    finally:
        _clean(store, run)
    return Verdict(store.kind, tuple(checks))


def require(store: Probed) -> None:
    """Probe a store and leave the verdict with it; StoreLies if it must not be used."""
    store.verdict = probe(store)
    if not store.verdict.ok:
        lies = "; ".join(check.sentence for check in store.verdict.lies)
        raise StoreLies(f"{store.name} cannot hold a ledger: {lies}")


def _check(store: Probed, key: str, question: Question) -> Check:
    try:
        kept = question.ask(store, key)
    except NotStored:
        kept = False
    except StoreLies as lie:  # it names the store; a verdict does not
        sentence = str(lie).removeprefix(f"{store.name} ")
        return Check(question.name, Outcome.BROKEN, sentence)
    if kept is None:
        return Check(question.name, Outcome.SKIPPED, "this kind of store has no such thing")
    outcome, sentence = (Outcome.HELD, question.promise) if kept else (Outcome.BROKEN, question.lie)
    return Check(question.name, outcome, sentence)


def _clean(store: Store, run: str) -> None:
    """Delete what the questions left; a store that is away now keeps some bytes of ours."""
    with contextlib.suppress(StoreUnavailable):
        hidden = [each.key for each in store.irregular(run)]
        for key in dict.fromkeys([*store.keys(run), *hidden]):
            store.delete(key)
