"""One step of a panel in a process of its own, which kills itself at a chosen point.

    python -m tests.portal.trustees.killed HOME TRUSTEES prepare|vote|open DEADLY

A point is where something becomes lasting (tests.journeys.killing); 0 is never reached. The points
that were passed are written to HOME/points.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from apiflask import APIFlask

from portal import events as e
from portal.events import Seat
from portal.trustees.enrolment import enroll_configured
from portal.trustees.settings import read_trustees
from tests.builders import house_of
from tests.houses import case_of, open_app
from tests.journeys.killing import Points
from tests.patience import be_patient
from tests.portal.rooms import a_vote, cast, seat_a_panel
from tests.values import CASE_NO


def prepare(app: APIFlask) -> None:
    """Six have voted; the seventh is next."""
    house = house_of(app)
    house.projection.catch_up()
    enroll_configured(house.recorder, house.sessions, house.config.trustees)
    for seat in seat_a_panel(app)[:6]:
        cast(app, seat, a_vote())


def vote(app: APIFlask) -> None:
    """The same wish, however often: what a browser sends again after a lost answer."""
    seats = case_of(house_of(app)).seats
    slip = cast(app, Seat(7, seats[6].reviewer_id, seats[6].stratum), wish="last").code
    show(app, slip)


def open_now(app: APIFlask) -> None:
    house_of(app).projection.catch_up()
    house_of(app).duties.perform("OPEN", CASE_NO, "")
    show(app)


def show(app: APIFlask, slip: str = "") -> None:
    """What is on record at the end, as JSON."""
    house = house_of(app)
    case = case_of(house)
    entries = house.projection.stream(f"case/{CASE_NO}").entries
    told = {
        "slip": slip,
        "slips": [ballot.slip for ballot in case.ballots],
        "valid": [one.valid for one in case.revealed],
        "keys": len({one.key for one in case.revealed}),
        "peeled": sum(isinstance(entry.event, e.BallotsPeeled) for entry in entries),
        "rulings": sum(isinstance(entry.event, e.RulingIssued) for entry in entries),
        "closings": sum(isinstance(entry.event, e.VotingClosed) for entry in entries),
        "state": case.state,
    }
    print(json.dumps(told))


ACTS = {"prepare": prepare, "vote": vote, "open": open_now}


def main(home: str, trustees: str, act: str, deadly: str) -> None:
    be_patient(pytest.MonkeyPatch())
    app = open_app(Path(home), trustees=read_trustees(trustees))
    points = Points(int(deadly), Path(home) / "last words")
    points.watch()
    ACTS[act](app)
    (Path(home) / "points").write_text("\n".join(points.passed))


if __name__ == "__main__":
    main(*sys.argv[1:])
