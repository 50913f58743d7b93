"""Killed anywhere while it pays, on either database, alone or in fours, with whatever the provider
does wrong: in the end everything is paid once, and all eighteen invariants hold."""

from __future__ import annotations

import os
import random

import pytest

from tests.deaths import LASTING
from tests.faults.databases import Postgres, Sqlite
from tests.faults.killing import count, plan, run, told
from tests.faults.laboratory import ORDERS, Lab
from tests.faults.settings import HEALING, Setting, matrix

# The release run takes 2,000: python -m tests.faults.
KILLS = int(os.environ.get("TEST_MONEY_KILLS", "200"))


@pytest.fixture(scope="module")
def labs(tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> list[Lab]:
    scratch = tmp_path_factory.mktemp("faults")
    databases = (Sqlite(), Postgres(postgres_server))
    return [Lab.prepared(scratch / each.name, each, ORDERS) for each in databases]


def mixed() -> list[Setting]:
    """Each provider fault alone with one worker on both databases and in both manners, and every
    fifth setting with four workers, which take three times as long."""
    settings = list(matrix(("sqlite", "postgresql")))
    alone = [setting for setting in settings if setting.workers == 1]
    together = [setting for setting in settings if setting.workers > 1]
    mixture = [*alone, *together[::5]]
    random.Random(1).shuffle(mixture)
    return mixture


@pytest.mark.timeout(600)
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
    assert counted.settings >= len(HEALING)
