"""A house with ordered money, killed while it pays, taken up again, and looked at in the end.

The parent has imported everything and forks: each child opens the house of a copied folder, works
until the point at which it is to die, and is killed there by SIGKILL. Then another child is killed
while it takes the work up, and a last one goes on to the end and checks everything.
"""

from __future__ import annotations

import fcntl
import gc
import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from portal import build_house
from portal.config import Config
from portal.house import House
from tests.deaths import Points, in_child, in_children
from tests.faults.databases import Database, changes_for
from tests.faults.driving import drive, is_due, wait_for_next, work_all
from tests.faults.ending import examine
from tests.faults.late import SlowLine
from tests.faults.ordered import Ordered, order_money
from tests.faults.provider import NOW, Provider
from tests.faults.settings import ASKED_TOO, SECONDS, Setting
from tests.houses import open_house
from tests.people import FAST_HASHING
from tests.warm import knows_sql, share_sql

NEVER = 0
IDLE_SECONDS = 0.005
ROUNDS = 2000
PAYS_NOBODY_BEYOND = ("stripe",)


def orders_through(provider: str) -> tuple[Ordered, ...]:
    """One payment that two cases of two shops share, and compensation beyond the price, where the
    provider pays any."""
    beyond = 0 if provider in PAYS_NOBODY_BEYOND else 5_000
    shared = partial(Ordered, payment="shared", channel=provider)
    return (
        shared(1, refund_fen=12_000, compensation_fen=beyond),
        shared(2, refund_fen=20_000, shop_id="shop-2"),
    )


Mutant = Callable[[], None]


def unchanged() -> None:
    """The engine as it is."""


@dataclass(frozen=True)
class Home:
    """One trial's copy: a folder and, on a server, a database."""

    folder: Path
    database_url: str | None

    @property
    def slow(self) -> Path:
        """Where requests lie that are late."""
        return self.folder / "slow"

    def open(self) -> House:
        config = Config.for_folder(
            self.folder / "home",
            rehearsal=True,
            hashing=FAST_HASHING,
            **changes_for(self.database_url),
        )
        house = build_house(config)
        share_sql(house)
        house.projection.catch_up()
        return house


@dataclass(frozen=True)
class Verdict:
    """`kills`: how many processes died on the way; `problems` must be empty."""

    setting: Setting
    deaths: tuple[int, ...]
    where: tuple[str, ...]
    kills: int
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Lab:
    """A folder to work in and the house that each trial copies. `mutant` spoils the engine."""

    scratch: Path
    database: Database
    template: str | None
    provider: str = "wechat"
    mutant: Mutant = unchanged

    @classmethod
    def through(cls, scratch: Path, database: Database, provider: str) -> Lab:
        """The usual orders, paid through this provider."""
        folder = scratch / f"{database.name}-{provider}"
        return cls.prepared(folder, database, orders_through(provider))

    @classmethod
    def prepared(cls, scratch: Path, database: Database, orders: Sequence[Ordered]) -> Lab:
        scratch.mkdir(parents=True)
        lab = cls(scratch, database, database.template(), orders[0].channel)
        assert in_child(partial(lab._furnish, orders)) == 0, "no house to copy"
        if not knows_sql(database.name):
            with lab.copy("warm") as home:
                lab._warm(home)
        gc.collect()
        gc.freeze()  # or each child would copy every page at its first collection
        return lab

    def _warm(self, home: Home) -> None:
        """Play once in this process: everything is imported and compiled before the forks."""
        house = home.open()
        drive(house)
        list(examine(house, self.usual, home.slow))
        with house.sessions() as session:
            session.get_bind().dispose()
        house.log.close()

    @property
    def usual(self) -> Setting:
        """Nothing goes wrong."""
        return Setting(self.database.name, provider=self.provider)

    def _furnish(self, orders: Sequence[Ordered]) -> None:
        url = self.database.url(self.template) if self.template else None
        house = open_house(self.scratch / "template" / "home", rehearsal=True, **changes_for(url))
        for ordered in orders:
            order_money(house, ordered)
        list(house.duties.execution.providers)  # makes the keys
        house.log.close()

    @contextmanager
    def copy(self, name: str) -> Iterator[Home]:
        folder = self.scratch / name
        shutil.copytree(self.scratch / "template", folder)
        with self.database.copy(self.template) as url:
            yield Home(folder, url)
        shutil.rmtree(folder)

    def points(self, setting: Setting) -> list[str]:
        """Every point that an undisturbed worker passes in this setting."""
        with self.copy(f"undisturbed-{os.getpid()}-{time.monotonic_ns()}") as home:
            arrange(home, setting)
            status = in_child(partial(self.work, home, setting, NEVER))
            assert status == 0, f"fails even undisturbed: {setting}"
            return (home.folder / "points-0").read_text().splitlines()

    def trial(self, setting: Setting, deaths: tuple[int, ...]) -> Verdict:
        """Work and be killed at the first of `deaths`, take it up and be killed at the next, and so
        on; then to the end."""
        with self.copy(f"trial-{os.getpid()}-{time.monotonic_ns()}") as home:
            arrange(home, setting)
            ends = [end for death in deaths for end in self.workers(home, setting, death)]
            last = in_child(partial(self.finish, home, setting))
            return _verdict(home, setting, deaths, ends, last)

    def workers(self, home: Home, setting: Setting, death: int) -> list[int]:
        """All workers at once; of several, two are to die."""
        deaths = [death] if setting.workers == 1 else [death, 2 * death, NEVER, NEVER]
        works = [
            partial(self.work, home, setting, each, number) for number, each in enumerate(deaths)
        ]
        return in_children(works)

    def work(self, home: Home, setting: Setting, death: int, number: int = 0) -> None:
        """One worker's life, to its end or its death."""
        self.mutant()
        house = open_over_line(home)
        points = Points(death, home.folder / "last words")
        points.watch()
        if setting.workers == 1:
            drive(house, setting.shows_late)
        else:
            swarm(house, home.folder / "busy", setting.shows_late)
        (home.folder / f"points-{number}").write_text("\n".join(points.passed))

    def finish(self, home: Home, setting: Setting) -> None:
        """Go on to the end and write down what is wrong there."""
        self.mutant()
        house = open_over_line(home)
        problems = [*end(house, setting), *examine(house, setting, home.slow)]
        (home.folder / "problems").write_text(json.dumps(problems))


def open_over_line(home: Home) -> House:
    """Requests may be late on it, where that was arranged."""
    house = home.open()
    if home.slow.exists():
        SlowLine(home.slow, house.clock.now).watch()
    return house


def arrange(home: Home, setting: Setting) -> None:
    """Tell the provider how to behave."""
    provider = Provider.inside(home.folder / "home")
    provider.be(idempotent=setting.idempotent)
    if setting.fault == "SLOW":
        SlowLine(home.slow, NOW).slow_down(setting.times)
    elif setting.fault:
        provider.fail(
            setting.fault,
            times=1 if setting.aimed else setting.times,
            provider=setting.provider,
            number=setting.aimed,
            seconds=SECONDS.get(setting.fault),
        )
    if setting.fault in ASKED_TOO:
        provider.fail(setting.fault, provider=setting.provider, on="QUERY")


def swarm(house: House, busy: Path, to_the_end: bool) -> None:
    """One of several workers. Time moves on only while nobody works: a killed worker's lock is
    given back by the system."""
    with busy.open("w") as file:
        for _round in range(ROUNDS):
            if is_due(house):
                fcntl.flock(file, fcntl.LOCK_SH)
                work_all(house)
                fcntl.flock(file, fcntl.LOCK_UN)
            elif not _move_on(house, file.fileno(), to_the_end):
                return
    raise AssertionError("money is still under way after so many rounds")


def _move_on(house: House, busy: int, to_the_end: bool) -> bool:
    try:
        fcntl.flock(busy, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        time.sleep(IDLE_SECONDS)
        return True
    try:
        return wait_for_next(house, to_the_end)
    finally:
        fcntl.flock(busy, fcntl.LOCK_UN)


def end(house: House, setting: Setting) -> Iterator[str]:
    """Drive it to the end; what stands in the way of one is a problem like any other."""
    try:
        drive(house, setting.shows_late)
    except AssertionError as error:
        yield str(error)


def _verdict(
    home: Home, setting: Setting, deaths: tuple[int, ...], ends: list[int], last: int
) -> Verdict:
    path = home.folder / "problems"
    problems = json.loads(path.read_text()) if last == 0 else ["did not finish"]
    if any(end not in (0, -signal.SIGKILL) for end in ends):
        problems.append(f"ended with {ends} instead of being killed")
    words = home.folder / "last words"
    where = tuple(words.read_text().splitlines()) if words.exists() else ()
    return Verdict(setting, deaths, where, ends.count(-signal.SIGKILL), tuple(problems))
