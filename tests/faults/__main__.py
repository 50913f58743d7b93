"""The release run: kills in every setting of the matrix, until so many processes have died.

    python -m tests.faults [--kills 2000] [--seed 1] [--sqlite]

Exit status 1 when one trial ends with anything wrong. A real PostgreSQL is started for it, or the
one at TEST_PG_URL is used.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from tests.faults.databases import Database, Postgres, Sqlite
from tests.faults.killing import count, plan, run, told
from tests.faults.laboratory import Lab
from tests.faults.settings import PROVIDERS, matrix
from tests.postgres import postgres_server

EVERY = 25


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sqlite", action="store_true", help="without PostgreSQL")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mingan-faults-") as scratch, _databases(asked) as all_:
        labs = [Lab.through(Path(scratch), *each) for each in product(all_, PROVIDERS)]
        settings = list(matrix(tuple(each.name for each in all_)))
        started, verdicts = time.monotonic(), []
        for verdict in run(plan(labs, settings, asked.seed), asked.kills):
            verdicts.append(verdict)
            if verdict.problems:
                print(verdict, flush=True)
            if len(verdicts) % EVERY == 0:
                print(f"{time.monotonic() - started:6.0f} s  {told(count(verdicts))}", flush=True)
    counted = count(verdicts)
    print(told(counted))
    return 1 if counted.violations else 0


@contextmanager
def _databases(asked: argparse.Namespace) -> Iterator[list[Database]]:
    if asked.sqlite:
        yield [Sqlite()]
        return
    with contextmanager(postgres_server.__wrapped__)() as url:
        yield [Sqlite(), Postgres(url)]


if __name__ == "__main__":
    sys.exit(main())
