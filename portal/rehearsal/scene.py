"""The scene of a play: who takes part, what has been done so far, and how to wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from portal.rehearsal.failures import PlayFailed
from portal.rehearsal.folder import CaseFolder
from portal.rehearsal.people import Cast, Person
from portal.rehearsal.script import Loose, Wish
from portal.speech import words
from portal.times import moment


class Claimed(Loose):
    remedy: str
    refund_fen: int = 0
    compensation_fen: int = 0


class Numbered(Loose):
    number: str
    kind: str = ""
    sha256: str = ""


class Seated(Loose):
    seats: int = 0
    voted: int = 0
    track: str = ""


class Ruled(Loose):
    outcome: str
    basis: str
    remedy: str
    refund_fen: int = 0
    return_goods: bool = False
    owed: tuple[Wish, ...] = ()
    counts: dict[str, int] = {}


class Money(Loose):
    refund_no: str
    state: str
    amount_fen: int


class Seen(Loose):
    """A case as GET /cases/{no} shows it."""

    case_no: str
    state: str
    due_at: str = ""
    claimed: Claimed
    exhibits: tuple[Numbered, ...] = ()
    panel: Seated | None = None
    ruling: Ruled | None = None
    refund: Money | None = None
    closed: str = ""


@dataclass(frozen=True)
class Step:
    """Something done that was put on record."""

    who: str
    what: str
    index: int
    digest: str
    at: str


@dataclass(frozen=True)
class Scene:
    """`rest` is called between two looks at a case: it waits, or does the waiting work itself."""

    folder: CaseFolder
    cast: Cast
    patience: float
    rest: Callable[[], None]
    show: Callable[[str], None]
    steps: list[Step] = field(default_factory=list)

    def note(self, who: Person, in_chinese: str, in_english: str) -> None:
        """A line about something that leaves no record of its own."""
        self.show(f"{who.name}  {words(in_chinese, in_english)}")

    def record(self, who: Person, answer: Any, in_chinese: str, in_english: str) -> None:
        """A line about something recorded, with its number."""
        receipt = answer["receipt"]
        what = words(in_chinese, in_english)
        step = Step(who.name, what, receipt["index"], receipt["digest"], receipt["at"])
        self.steps.append(step)
        self.show(f"{step.who}  {step.what}  #{step.index}")

    def look(self, case_no: str) -> Seen:
        return Seen.model_validate(self.cast.operator.get(f"/cases/{case_no}"))

    def wait(self, case_no: str, until: Callable[[Seen], bool], what: str) -> Seen:
        """The case once it is as wanted. Raises PlayFailed when patience ends first."""
        end = time.monotonic() + self.patience
        while not until(seen := self.look(case_no)):
            if time.monotonic() > end:
                late = words(f"等了 {self.patience:g} 秒", f"not after {self.patience:g} seconds")
                raise PlayFailed(f"{what}: {late} ({case_no}: {seen.state})")
            self.rest()
        return seen

    def pass_deadline(self, case_no: str) -> Seen:
        """Move everybody's clock beyond the case's deadline and wait for what follows."""
        seen = self.look(case_no)
        if not seen.due_at:
            raise PlayFailed(words(f"{case_no} 没有期限", f"{case_no} has no deadline"))
        operator = self.cast.operator
        now = moment(operator.post("/rehearsal/clock", {"seconds": 1})["now"])
        ahead = moment(seen.due_at) - now + timedelta(seconds=1)
        moved = operator.post("/rehearsal/clock", {"seconds": max(1, _whole(ahead))})["now"]
        self.note(operator, f"时钟拨到 {_short(moved)}", f"moves the clock to {_short(moved)}")
        past = words("到期之后的处理", "what follows the deadline")
        return self.wait(case_no, lambda s: s.due_at != seen.due_at or bool(s.closed), past)


def _whole(span: timedelta) -> int:
    return int(span.total_seconds()) + 1


def _short(text: str) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M} UTC"
