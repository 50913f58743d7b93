"""Killed anywhere while it pays through any provider, on either database, alone or in fours, with
whatever the provider does wrong: in the end money has moved once or it is said why not, and all
eighteen invariants hold."""

from __future__ import annotations

import os
import random
from itertools import product

import pytest

from tests.deaths import LASTING
from tests.faults.databases import Postgres, Sqlite
from tests.faults.killing import count, plan, run, told
from tests.faults.laboratory import Lab
from tests.faults.settings import PROVIDERS, Setting, families, spread

# The release run takes 2,000: python -m tests.faults.
KILLS = int(os.environ.get("TEST_MONEY_KILLS", "200"))


@pytest.fixture(scope="module")
def labs(tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> list[Lab]:
    scratch = tmp_path_factory.mktemp("faults")
    databases = (Sqlite(), Postgres(postgres_server))
    return [Lab.through(scratch, *each) for each in product(databases, PROVIDERS)]


def mixed() -> list[Setting]:
    settings = spread(("sqlite", "postgresql"))
    random.Random(1).shuffle(settings)
    return settings


@pytest.mark.timeout(1800)
def test_money_moves_once_whoever_is_killed_wherever(
    labs: list[Lab], capsys: pytest.CaptureFixture[str]
) -> None:
    counted = count(list(run(plan(labs, mixed(), seed=1), KILLS)))
    with capsys.disabled():
        print(f"\n{told(counted)}")
    assert [str(verdict) for verdict in counted.violations] == []
    assert counted.kills >= KILLS
    names = {f"{owner.__name__}.{name}" for owner, name in LASTING}
    met = {point.split(" ", 1)[1] for point in counted.points}
    assert met == names
    assert len(counted.families) == len(list(families()))
