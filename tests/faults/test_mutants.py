"""The harness finds what it is for: each usual mistake, made on purpose, is caught by it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults import mutants
from tests.faults.databases import Sqlite
from tests.faults.laboratory import NEVER, Lab, Mutant, unchanged
from tests.faults.ordered import PAID_FEN, Ordered
from tests.faults.settings import Setting

LOST = "APPLIED_THEN_DROPPED"
# Two cases want the whole payment each: only one can have it.
GREEDY = (
    Ordered(1, refund_fen=PAID_FEN, payment="shared"),
    Ordered(2, refund_fen=PAID_FEN, payment="shared"),
)
ONE = (Ordered(1, refund_fen=12_000),)
FEW = tuple(Ordered(number, refund_fen=12_000) for number in range(1, 5))


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return Lab.prepared(tmp_path_factory.mktemp("one") / "lab", Sqlite(), ONE)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return Lab.prepared(tmp_path_factory.mktemp("few") / "lab", Sqlite(), FEW)


def problems(lab: Lab, mutant: Mutant, setting: Setting) -> tuple[str, ...]:
    return replace(lab, mutant=mutant).trial(setting, (NEVER,)).problems


FORGETFUL = Setting("sqlite", idempotent=False, fault=LOST, times=1)


@pytest.mark.parametrize(
    ("mutant", "setting", "invariant"),
    [
        (mutants.new_number_per_retry, FORGETFUL, "I6"),
        (mutants.post_before_call, replace(FORGETFUL, fault="DROP_BEFORE"), "I6"),
        (mutants.timeout_is_failure, FORGETFUL, "I6"),
        (mutants.blind_retry, FORGETFUL, "I6"),
    ],
)
def test_a_usual_mistake_is_caught(
    lab: Lab, mutant: Mutant, setting: Setting, invariant: str
) -> None:
    assert problems(lab, unchanged, setting) == ()
    found = problems(lab, mutant, setting)
    assert any(problem.startswith(f"{invariant} ") for problem in found), found


def test_a_blind_retry_stays_unseen_by_an_idempotent_provider(lab: Lab) -> None:
    """Which is why the simulator has a mode in which it forgets."""
    kind = Setting("sqlite", fault=LOST, times=1)
    assert not any(p.startswith("I6 ") for p in problems(lab, mutants.blind_retry, kind))


def test_money_that_is_not_set_aside_is_missed(tmp_path: Path) -> None:
    greedy = Lab.prepared(tmp_path / "lab", Sqlite(), GREEDY)
    sound = problems(greedy, unchanged, Setting("sqlite"))
    assert [p for p in sound if p.startswith("I")] == []
    spoiled = problems(greedy, mutants.no_reserve, Setting("sqlite"))
    assert any(problem.startswith("I1 ") for problem in spoiled), spoiled


def test_workers_without_claims_pay_twice(crowd: Lab) -> None:
    four = Setting("sqlite", workers=4, idempotent=False)
    assert problems(crowd, unchanged, four) == ()
    # Whether they meet is chance: on a machine with much else to do they need some tries.
    found = (p for _run in range(6) for p in problems(crowd, mutants.no_claim, four))
    assert any(problem.startswith(("I6 ", "I9 ")) for problem in found)
