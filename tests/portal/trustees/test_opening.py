"""Any two of three open a panel's ballots; what they cannot agree on is in the record."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from apiflask import APIFlask
from sqlalchemy import select

from ledger.encoding import to_base64
from portal import events as e
from portal.cases.state import Case
from portal.cases.tables import EntryRow
from portal.errors import NotReady
from portal.events import Seat
from portal.house import House
from portal.panels import desk
from portal.panels.sealing import SERVER, context_of
from reviewers.envelope import open_envelope, seal
from tests.builders import house_of
from tests.houses import case_of
from tests.keyholders import NAMES, Keyholders
from tests.portal.rooms import a_vote, cast, open_required, reviewer, seat_a_panel
from tests.values import CASE_NO

Answers = Callable[[int], object]
NULLS: Answers = lambda n: {"opened": [None] * n}  # noqa: E731
OTHER_KEYS: Answers = lambda n: {"opened": [to_base64(os.urandom(32))] * n}  # noqa: E731


def vote_all(app: APIFlask) -> tuple[Seat, ...]:
    seats = seat_a_panel(app)
    for seat in seats:
        cast(app, seat, a_vote())
    return seats


def open_now(house: House) -> Case:
    house.duties.perform("OPEN", CASE_NO, "")
    return case_of(house)


def events_of(house: House, kind: type[e.Event]) -> list[e.Event]:
    history = house.projection.stream(f"case/{CASE_NO}")
    return [entry.event for entry in history.entries if isinstance(entry.event, kind)]


def test_two_of_three_open_every_ballot_and_the_keys_are_published(app: APIFlask) -> None:
    house = house_of(app)
    vote_all(app)

    case = open_now(house)

    assert [b.sealed_by for b in case.ballots] == [SERVER] * 7
    assert all(one.valid for one in case.revealed)
    for ballot, revealed in zip(case.ballots, case.revealed, strict=True):
        envelope = house.files.read(ballot.sealed)
        assert open_envelope(envelope, bytes.fromhex(revealed.key)).strip()
    assert case.ruling is not None
    assert case.ruling.outcome == "UPHELD"


@pytest.mark.parametrize("gone", NAMES)
def test_one_who_is_gone_does_not_hold_up_the_opening(
    app: APIFlask, three: Keyholders, gone: str
) -> None:
    vote_all(app)
    three.stop(gone)

    case = open_now(house_of(app))

    assert all(one.valid for one in case.revealed)
    assert not events_of(house_of(app), e.OpeningDelayed)


def test_with_two_gone_the_case_waits_says_so_once_and_loses_nothing(
    app: APIFlask, three: Keyholders
) -> None:
    house = house_of(app)
    vote_all(app)
    three.stop("operator")
    three.stop("third")

    for _attempt in range(2):
        with pytest.raises(NotReady):
            open_now(house)

    (delayed,) = events_of(house, e.OpeningDelayed)
    assert isinstance(delayed, e.OpeningDelayed)
    assert delayed.missing == ("operator", "third")
    assert case_of(house).state == "TALLY"
    three.start("third")
    assert all(one.valid for one in open_now(house).revealed)


def test_a_crash_between_the_two_trustees_is_taken_up_where_it_was(
    app: APIFlask, three: Keyholders
) -> None:
    house = house_of(app)
    vote_all(app)
    three.stop("association")
    three.stop("third")
    with pytest.raises(NotReady):
        open_now(house)
    (peeled,) = events_of(house, e.BallotsPeeled)[:1]
    assert isinstance(peeled, e.BallotsPeeled)
    assert (peeled.trustee, peeled.partner) == ("operator", "association")
    three.stop("operator")
    three.start("association")
    three.start("third")

    assert all(one.valid for one in open_now(house).revealed)


@contextmanager
def impostor(port: int, answers: Answers) -> Iterator[None]:
    """Somebody at a trustee's address who answers what is asked for, in number, but not in kind."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            content = json.dumps(answers(len(body["envelopes"]))).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: object) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("liar", "answers"),
    [
        ("operator", NULLS),
        ("operator", lambda n: {"opened": [to_base64(os.urandom(80))] * n}),
        ("operator", lambda n: {"opened": ["?"] * n}),
        ("operator", lambda n: {"opened": [None] * (n - 1)}),
        ("operator", lambda n: ["nonsense"]),
        ("association", NULLS),
        ("association", OTHER_KEYS),
        ("third", OTHER_KEYS),
    ],
)
def test_garbage_from_one_trustee_neither_stops_the_opening_nor_costs_a_ballot(
    app: APIFlask, three: Keyholders, liar: str, answers: Answers
) -> None:
    house = house_of(app)
    vote_all(app)
    three.stop(liar)
    with impostor(three.ports[liar], answers):
        case = open_now(house)
    assert all(one.valid for one in case.revealed)
    failed = {event.trustee for event in events_of(house, e.TrusteeFailed)}  # type: ignore[attr-defined]
    assert failed <= {liar}
    if liar != "third":  # the third is asked only when the first two do not agree
        assert failed == {liar}


def test_a_ballot_that_was_sealed_badly_counts_as_invalid_and_says_so(app: APIFlask) -> None:
    house = house_of(app)
    seats = seat_a_panel(app)
    open_required(app, seats[0])
    held = desk.held_seat(house, reviewer(seats[0]), CASE_NO)
    context = context_of(held.case, held.seat.number)
    strangers = [(name, os.urandom(32)) for name in NAMES]
    envelope = seal(b"{}".ljust(8192), context, strangers, os.urandom(32), os.urandom(12))
    desk.cast_sealed(house, reviewer(seats[0]), CASE_NO, envelope, "w")
    for seat in seats[1:]:
        cast(app, seat)

    case = open_now(house)

    first = case.revealed[0]
    assert (first.valid, first.refused, first.key) == (False, "UNOPENABLE", "")
    assert all(one.valid for one in case.revealed[1:])
    assert case.ruling is not None
    assert not events_of(house, e.TrusteeFailed)


def test_an_envelope_changed_in_the_store_is_not_opened_in_parts(app: APIFlask) -> None:
    house = house_of(app)
    vote_all(app)
    lost = case_of(house).ballots[2].sealed
    path = next(Path(house.config.folder).rglob(lost.blob))
    path.chmod(0o600)
    sealed = path.read_bytes()
    path.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    with pytest.raises(NotReady):
        open_now(house)
    (delayed,) = events_of(house, e.OpeningDelayed)
    assert isinstance(delayed, e.OpeningDelayed)
    assert delayed.missing == ("BALLOT/3",)


def test_a_row_edited_in_the_database_opens_nothing(app: APIFlask) -> None:
    house = house_of(app)
    vote_all(app)
    with house.sessions.begin() as session:
        row = session.scalars(select(EntryRow).where(EntryRow.code == "VOTING_CLOSED")).one()
        closed = case_of(house).voting_closed
        assert closed is not None
        row.disclosures = row.disclosures.replace(closed.slips[0], "0" * 64)
        other = session.scalars(select(EntryRow).where(EntryRow.code == "BALLOT_COMMITTED")).all()
        one, two = (next(b for b in case_of(house).ballots if b.seat == s) for s in (1, 2))
        for each in other:
            each.disclosures = each.disclosures.replace(one.sealed.blob, two.sealed.blob)
            each.disclosures = each.disclosures.replace(one.sealed.sha256, two.sealed.sha256)
    with pytest.raises((NotReady, RuntimeError)):
        open_now(house)
    assert case_of(house).revealed == ()
