"""Many trials: which settings, killed at which points, on two cores; and the count."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from multiprocessing import get_context

from tests.faults.laboratory import Lab, Verdict
from tests.faults.settings import Setting

TWO_CORES = 2
AGAIN_WITHIN = 60  # the later deaths, while the work is taken up
SWARMED_WITHIN = 12  # a death among several workers: each does a part of the work
DEATHS = 4


@dataclass(frozen=True)
class Trial:
    lab: Lab
    setting: Setting
    deaths: tuple[int, ...]

    def run(self) -> Verdict:
        return self.lab.trial(self.setting, self.deaths)


@dataclass(frozen=True)
class Counted:
    """What many trials came to."""

    trials: int
    kills: int
    points: Counter[str]
    settings: int
    families: Counter[str]  # kills by provider and fault
    violations: tuple[Verdict, ...]


def plan(labs: Sequence[Lab], settings: Sequence[Setting], seed: int) -> Iterator[Trial]:
    """Trials without end: each setting in its turn, killed again and again, early or late."""
    chance = random.Random(seed)
    lab_of = {(lab.database.name, lab.provider): lab for lab in labs}
    # One of each provider's is enough: over the other database it is a point more or less.
    of_provider = {lab.provider: lab for lab in reversed(labs)}
    spans = {name: len(lab.points(lab.usual)) for name, lab in of_provider.items()}
    for setting in cycle(settings):
        alone = setting.workers == 1
        first = chance.randint(1, spans[setting.provider] if alone else SWARMED_WITHIN)
        within = AGAIN_WITHIN if alone else SWARMED_WITHIN
        later = (chance.randint(1, within) for _death in range(DEATHS - 1))
        yield Trial(lab_of[setting.database, setting.provider], setting, (first, *later))


def run(trials: Iterator[Trial], kills: int) -> Iterator[Verdict]:
    """Trials until so many processes were killed."""
    killed = 0
    with get_context("fork").Pool(TWO_CORES) as pool:
        while killed < kills:
            batch = list(islice(trials, max(1, (kills - killed) // DEATHS)))
            for verdict in pool.imap_unordered(Trial.run, batch):
                killed += verdict.kills
                yield verdict


def count(verdicts: Sequence[Verdict]) -> Counted:
    where = Counter(point for verdict in verdicts for point in verdict.where)
    families: Counter[str] = Counter()
    for verdict in verdicts:
        families[verdict.setting.family] += verdict.kills
    return Counted(
        trials=len(verdicts),
        kills=sum(verdict.kills for verdict in verdicts),
        points=where,
        settings=len({verdict.setting for verdict in verdicts}),
        families=families,
        violations=tuple(verdict for verdict in verdicts if verdict.problems),
    )


def told(counted: Counted) -> str:
    """The result in a few lines."""
    points = ", ".join(f"{name} {times}" for name, times in sorted(counted.points.items()))
    families = ", ".join(f"{name} {kills}" for name, kills in sorted(counted.families.items()))
    return (
        f"{counted.kills} processes killed in {counted.trials} trials"
        f" of {counted.settings} settings; violations: {len(counted.violations)}"
        f"\n  {points}\n  {families}"
    )
