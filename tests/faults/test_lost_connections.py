"""PostgreSQL drops a worker's connection at a commit: before it, and so that the worker takes what
was committed for lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import DBAPIError

from portal.house import House
from portal.rehearsal.moving import move_clock
from tests.faults.databases import Postgres
from tests.faults.driving import drive
from tests.faults.laboratory import Lab
from tests.faults.ordered import Ordered
from tests.faults.scenes import broken, opened, provider, standing_fen, states

ORDER = Ordered(1, refund_fen=12_000)
LEASE_SECONDS = 16
TRIES = 3
EVERY = 4  # of the commits, one in so many is spoilt; the copies of the house cost the time
Commit = Callable[[DefaultDialect, Any], None]


class Dropping:
    """Counts commits and ends the connection at number `at`; 0: never."""

    def __init__(self, commit: Commit, at: int, afterwards: bool) -> None:
        self.commit, self.at, self.afterwards, self.seen = commit, at, afterwards, 0

    def __call__(self, dialect: DefaultDialect, connection: Any) -> None:
        self.seen += 1
        if self.seen != self.at:
            self.commit(dialect, connection)
        elif self.afterwards:
            self.commit(dialect, connection)
            end(connection)
            connection.cursor().execute("SELECT 1")  # raises, as if the word of success were lost
        else:
            end(connection)
            self.commit(dialect, connection)


def end(connection: Any) -> None:
    """As an operator of the database would, who stops it: by the server, from outside."""
    info = connection.dbapi_connection.info
    with psycopg.connect(info.dsn, password=info.password, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [info.backend_pid])


@pytest.fixture(scope="module")
def lab(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    scratch = tmp_path_factory.mktemp("connections") / "lab"
    return Lab.prepared(scratch, Postgres(postgres_server), [ORDER])


def pay(house: House, dropping: Dropping) -> int:
    """Drive as workers do, who ask again after a failure; how often one failed."""
    failures = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DefaultDialect, "do_commit", lambda self, c: dropping(self, c))
        for _try in range(TRIES):
            try:
                drive(house)
            except DBAPIError:
                failures += 1
                move_clock(house.sessions, LEASE_SECONDS)
    return failures


@pytest.mark.parametrize("afterwards", [False, True], ids=["before", "after"])
def test_a_connection_lost_at_a_commit_costs_no_money(lab: Lab, afterwards: bool) -> None:
    commit = DefaultDialect.do_commit
    with lab.copy("whole") as home, opened(home) as house:
        whole = Dropping(commit, 0, afterwards)
        assert pay(house, whole) == 0
    for at in range(1 + afterwards, whole.seen + 1, EVERY):
        with lab.copy(f"lost-{at}") as home, opened(home) as house:
            provider(house).be(idempotent=False)
            assert pay(house, Dropping(commit, at, afterwards)) == 1, f"commit {at}"
            assert (states(house), broken(house)) == (["SUCCESS"], {}), f"commit {at}"
            assert standing_fen(house) == ORDER.refund_fen
