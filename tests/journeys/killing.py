"""A case, killed at every point where something becomes lasting, and gone on with.

    python -m tests.journeys.killing SCRATCH_FOLDER CASE_FOLDER HOW_MANY|all

A point is the moment before or after a name appears in the store, a database transaction commits,
or the provider is called. The program plays the case once undisturbed and counts the points. Then,
for each chosen point, it plays the case in a fresh copy of the folder in a process of its own,
which kills itself there with SIGKILL; every other time a second process is killed while it takes
up the work; a last one goes on to the end and looks at everything.

Prints a JSON line for each killed case: {"stage", "point", "where", "problems"}.
"""

from __future__ import annotations

import gc
import json
import random
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from tests.builders import a_house, close_house, house_of
from tests.deaths import Points, in_child
from tests.journeys.cast import Notebook, People, read
from tests.journeys.examining import examine
from tests.journeys.story import Story
from tests.warm import share_sql

TWO_CORES = 2
NEVER = 0


@dataclass(frozen=True)
class Stage:
    """A part of the story whose points are counted, and what has happened before it."""

    name: str
    before: Callable[[Story], None]
    during: Callable[[Story], None]


# The decoding of files takes long and makes nothing lasting, so most cases start after it.
STAGES = (
    Stage("claim", Story.hand_over_livestream, Story.file),
    Stage("case", Story.prepare, Story.play),
)


@dataclass(frozen=True)
class Lab:
    """A folder to work in, the case that is played, and the stage that is disturbed."""

    scratch: Path
    case: Path
    stage: Stage

    @property
    def template(self) -> Path:
        return self.scratch / self.stage.name

    def story(self, home: Path) -> Story:
        people = People(read(home, "people.json"))
        app = a_house(home / "home")
        share_sql(house_of(app))
        return Story(app, self.case, Notebook(home / "notebook"), people)

    def warm(self) -> None:
        """Play once in this process: what it imports and compiles no child has to do again."""
        with self.copy("warm") as home:
            story = self.story(home)
            story.play()
            list(examine(story))
            close_house(story.app)
            story.house.log.close()
        gc.collect()
        gc.freeze()  # or each child would copy every page at its first collection

    def prepare(self) -> None:
        """The folder that is copied."""
        self.template.mkdir()
        app = a_house(self.template / "home")
        people = People.of(app, self.case)
        (self.template / "people.json").write_text(json.dumps(people.tokens))
        self.stage.before(Story(app, self.case, Notebook(self.template / "notebook"), people))

    @contextmanager
    def copy(self, name: str) -> Iterator[Path]:
        home = self.scratch / f"{self.stage.name}-{name}"
        shutil.copytree(self.template, home, symlinks=True)  # the simulators share their keys
        yield home
        shutil.rmtree(home)

    def points(self) -> list[str]:
        """Prepare, play once undisturbed, and name every point that was passed."""
        assert in_child(self.prepare) == 0, "no folder to copy"
        with self.copy("undisturbed") as home:
            assert in_child(partial(self.play, home, NEVER)) == 0, "fails even undisturbed"
            return (home / "points").read_text().splitlines()

    def play(self, home: Path, deadly: int) -> None:
        story, points = self.story(home), Points(deadly, home / "last words")
        points.watch()
        self.stage.during(story)
        (home / "points").write_text("\n".join(points.passed))

    def finish(self, home: Path) -> None:
        """Go on to the end and write down what is wrong there."""
        story = self.story(home)
        story.play()
        (home / "problems").write_text(json.dumps(list(examine(story))))

    def kill(self, point: int) -> Verdict:
        """Play, be killed, go on, be killed again, go on to the end."""
        with self.copy(f"point-{point}") as home:
            again = random.Random(point).randrange(1, 80)
            deaths = [point, again][: 1 + point % 2]
            ends = [in_child(partial(self.play, home, death)) for death in deaths]
            last = in_child(partial(self.finish, home))
            return self._verdict(home, point, ends, last)

    def _verdict(self, home: Path, point: int, ends: list[int], last: int) -> Verdict:
        problems = json.loads((home / "problems").read_text()) if last == 0 else ["did not finish"]
        if any(end not in (0, -signal.SIGKILL) for end in ends):
            problems.append(f"ended with {ends} instead of being killed")
        words = home / "last words"
        where = words.read_text().splitlines() if words.exists() else []
        return Verdict(self.stage.name, point, where, problems)


# The stage, the number of the point in it, and its name.
Point = tuple[Lab, int, str]


@dataclass(frozen=True)
class Verdict:
    """`where` is empty when the point was never reached: how often a provider is asked whether
    money has moved depends on time, so the last points are not the same in each run."""

    stage: str
    point: int
    where: list[str]
    problems: list[str]


def main(scratch: str, case: str, wanted: str) -> None:
    labs = [Lab(Path(scratch), Path(case), stage) for stage in STAGES]
    points = [(lab, *point) for lab in labs for point in enumerate(lab.points(), 1)]
    labs[-1].warm()
    with get_context("fork").Pool(TWO_CORES) as pool:
        for verdict in pool.imap_unordered(_kill, choose(points, wanted)):
            print(json.dumps(asdict(verdict), ensure_ascii=False), flush=True)


def choose(points: list[Point], wanted: str) -> list[Point]:
    """Evenly spread, and one of each name that would be left out, such as the money's."""
    stride = 1 if wanted == "all" else len(points) / int(wanted)
    chosen = [points[int(step * stride)] for step in range(int(len(points) / stride))]
    # Of each the first, since how many questions follow the money depends on time.
    rare = {name: (lab, number, name) for lab, number, name in reversed(points)}
    met = {name for _lab, _number, name in chosen}
    return chosen + [point for name, point in rare.items() if name not in met]


def _kill(chosen: Point) -> Verdict:
    lab, number, _name = chosen
    return lab.kill(number)


if __name__ == "__main__":
    main(*sys.argv[1:])
