"""Refunds end to end through the simulator process, beside the bare engine and the bare provider.

One refund is everything: the turn claimed, the sum set aside, the intent in the ledger, the signed
request over a socket, the signed answer kept, the steps in the ledger, the journal. Workers are
processes as `mingan worker` starts them; the simulator is one more on the same cores.
BENCH_SMALL=1 takes a tenth of the sizes, to see that it runs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import func, insert, select, update

from benchmarks import refund_bills
from benchmarks.report import Row, row
from portal import engine
from portal.clock import Clock
from portal.duties import due_duties
from portal.engine import Duty
from portal.history import load_case
from portal.house import House
from portal.providers.settings import Payments, read_payments
from portal.refunds.tables import MovementRow, TurnRow
from portal.refunds.transfers import transfer_of
from tests.faults.databases import Postgres, changes_for
from tests.faults.ordered import Ordered, order_money
from tests.houses import open_house
from tests.postgres import postgres_server

SMALL = 10 if os.environ.get("BENCH_SMALL") else 1
REFUNDS = 400 // SMALL
TIMED = 60 // min(SMALL, 6)
WAITING = (100, 100_000 // SMALL)
SWEEPS = 50
PUBLISHED = 150.0  # refunds a second of one merchant, WeChat Pay v3
START = timedelta(seconds=30)  # until every worker is up and has nothing left to do
LONGEST = 900.0


def measure() -> Iterator[Row]:
    with contextmanager(postgres_server.__wrapped__)() as url:
        yield _bare_engine(url)
        for workers in (1, 2, 4):
            yield _end_to_end(f"postgresql, {workers} workers", workers, Postgres(url))
    yield _end_to_end("sqlite, 1 worker", 1, None)
    yield from _added_latency()
    yield _waiting()
    yield from refund_bills.measure(SMALL)


# Through the workers -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """A house with its simulator running beside it."""

    folder: Path
    payments: Payments
    database_url: str | None

    def open(self) -> House:
        changes = changes_for(self.database_url)
        return open_house(self.folder, payments=self.payments, **changes)

    @property
    def environ(self) -> dict[str, str]:
        named = {
            "MINGAN_HOME": str(self.folder),
            "MINGAN_PAYMENTS": str(self.folder / "simulator" / "payments.toml"),
        }
        url = {"MINGAN_DATABASE_URL": self.database_url} if self.database_url else {}
        return {**os.environ, **named, **url}


@contextmanager
def a_place(server: Postgres | None) -> Iterator[Place]:
    """A folder, a database and a simulator, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="mingan-refunds-") as scratch, ExitStack() as stack:
        folder = Path(scratch).resolve() / "home"
        folder.mkdir()
        url = server.url(server.template()) if server else None
        environ = {**os.environ, "MINGAN_HOME": str(folder)}
        simulator = stack.enter_context(_running(environ, "simulator", "--port", "0"))
        assert simulator.stdout is not None
        simulator.stdout.readline()
        payments = read_payments(folder / "simulator" / "payments.toml")
        yield Place(folder, payments, url)


@contextmanager
def _running(environ: dict[str, str], *command: str) -> Iterator[subprocess.Popen[str]]:
    program = [sys.executable, "-m", "portal", *command]
    with subprocess.Popen(
        program, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def _end_to_end(name: str, workers: int, server: Postgres | None) -> Row:
    with a_place(server) as place, ExitStack() as stack:
        house = place.open()
        for number in range(REFUNDS):
            order_money(house, Ordered(number + 1))
        begin = house.clock.now() + START
        with house.sessions.begin() as session:
            session.execute(update(TurnRow).values(next_at=begin))
        for worker in range(workers):
            environ = place.environ | {"MINGAN_EXECUTOR_ID": f"worker-{worker}"}
            stack.enter_context(_running(environ, "worker"))
        spent = _seconds_until_paid(house) - begin.timestamp()
        house.log.close()
    return Row(
        name=f"refunds end to end: {name}",
        value=round(REFUNDS / spent, 2),
        unit="1/s",
        beside=PUBLISHED,
        ratio=round(REFUNDS / spent / PUBLISHED, 3),
        peak_mb=0.0,
        beside_name="the provider's published limit",
    )


def _seconds_until_paid(house: House) -> float:
    """The time (epoch) at which the last movement is paid."""
    end = time.monotonic() + LONGEST
    unpaid = select(func.count()).where(MovementRow.over.is_(False))
    while time.monotonic() < end:
        with house.sessions() as session:
            if not session.scalar(unpaid):
                return time.time()
        time.sleep(0.1)
    raise TimeoutError("the refunds were not paid in time")


# The engine without any work ---------------------------------------------------------------------


def _bare_engine(url: str) -> Row:
    server = Postgres(url)
    with tempfile.TemporaryDirectory(prefix="mingan-bare-") as scratch:
        house = open_house(Path(scratch), database_url=server.url(server.template()))
        done: list[str] = []
        with house.sessions.begin() as session:
            for number in range(REFUNDS):
                house.outbox.put(session, Duty("NOTHING", str(number)))
        start = time.perf_counter()
        engine.start(house.config.database_url, "bare", lambda *duty: done.append(duty[1]))
        while len(done) < REFUNDS:
            time.sleep(0.01)
        spent = time.perf_counter() - start
        engine.stop()
        house.log.close()
    name = "bare engine: workflows that do nothing, 1 worker (beside: the provider's limit)"
    return row(name, REFUNDS / spent, "1/s", PUBLISHED)


# What the record costs ---------------------------------------------------------------------------


def _added_latency() -> Iterator[Row]:
    """One refund after the other in one process; beside it the provider's call alone."""
    with a_place(None) as place:
        house = place.open()
        for number in range(2 * TIMED):
            order_money(house, Ordered(number + 1))
        ours = [_seconds(lambda n=n: _pay(house, n)) for n in range(1, TIMED + 1)]
        bare = [_seconds(lambda n=n: _send(house, n)) for n in range(TIMED + 1, 2 * TIMED + 1)]
        house.log.close()
    added = (median(ours) - median(bare)) * 1000
    name = "added by the record to one refund (beside: the signed call alone)"
    yield row(name, added, "ms", median(bare) * 1000)


def _seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _pay(house: House, number: int) -> None:
    ordered = Ordered(number)
    house.duties.perform("PAY", ordered.case_no, ordered.refund_no)


def _send(house: House, number: int) -> None:
    ordered = Ordered(number)
    with house.sessions() as session:
        case = load_case(session, ordered.case_no)
    movement = case.movement(ordered.refund_no)
    assert movement is not None
    house.duties.execution.providers.of("wechat").send(transfer_of(case, movement))


# Waiting costs nothing ---------------------------------------------------------------------------


def _waiting() -> Row:
    times = [_sweep_beside(waiting) for waiting in WAITING]
    name = f"a sweep beside {WAITING[1]:,} movements that wait (beside: {WAITING[0]})"
    return row(name, times[1] * 1000, "ms", times[0] * 1000)


def _sweep_beside(waiting: int) -> float:
    with tempfile.TemporaryDirectory(prefix="mingan-waiting-") as scratch:
        house = open_house(Path(scratch))
        later = house.clock.now() + timedelta(days=1)
        turns = [
            {"refund_no": f"R{n}", "case_no": f"C{n}", "next_at": later, "version": 0}
            for n in range(waiting)
        ]
        with house.sessions.begin() as session:
            session.execute(insert(TurnRow), turns)
        with house.sessions() as session:
            spent = [_seconds(lambda: due_duties(session, Clock())) for _sweep in range(SWEEPS)]
        house.log.close()
    return median(spent)
