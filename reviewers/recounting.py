"""Count a recorded vote again: what was committed, what was opened, what it adds up to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from reviewers import ballot as ballots
from reviewers.ballot import Ballot, Claimed
from reviewers.bundle import Event
from reviewers.errors import BallotRefused, EnvelopeRefused
from reviewers.order import in_turn, once_each, ruled
from reviewers.panels import Panel
from reviewers.report import Line, required, same, whole, whole_numbers
from reviewers.tally import tally

Open = Callable[[bytes, bytes], bytes]


@dataclass(frozen=True, slots=True)
class Beside:
    """The sealed ballots by slip, and what opens one with its key, None if that is not here."""

    envelopes: Mapping[str, bytes]
    open_: Open | None


def count_again(panel: Panel, beside: Beside) -> Iterator[Line]:
    """The lines of one round."""
    yield from in_turn(panel)
    yield from once_each(panel)
    counted = panel.first("TALLY_CLOSED")
    if counted is None:
        yield Line("This panel's vote was not counted.")
        return
    committed = _committed(panel)
    yield from _closing(panel, committed)
    claimed = Claimed.from_fields(required(panel.called, "claimed", dict))
    valid: list[Ballot] = []
    for event in panel.all("BALLOT_REVEALED"):
        ballot, line = _reveal(event, claimed)
        valid += [ballot] if ballot else []
        yield line
        commit = committed.get(whole(event, "seat"))
        if commit is not None:
            yield from _sealed(event, commit, ballot, claimed, beside)
    seats = sum(whole_numbers(panel.called, "seats").values())
    again = tally(valid, seats, claimed)
    recorded = required(counted, "result", dict)
    for name, value in again.as_fields().items():
        yield same(name, recorded.get(name), value)
    yield from ruled(panel, again)


def _committed(panel: Panel) -> dict[int, Event]:
    """The ballot that counts of each seat: a seat that was left begins anew."""
    found: dict[int, Event] = {}
    for event in panel.entries:
        if event.type == "RECUSAL":
            found.pop(whole(event, "seat"), None)
        elif event.type == "BALLOT_COMMITTED":
            found[whole(event, "seat")] = event
    return found


def _closing(panel: Panel, committed: dict[int, Event]) -> Iterator[Line]:
    """Exactly the ballots that were in when voting closed were opened, each once."""
    closed = panel.first("VOTING_CLOSED")
    if closed is None:
        yield Line("Ballots were opened, but voting was never closed.", False)
        return
    seats = sorted(committed)
    yield same("closed with seats", required(closed, "seats", list), seats)
    slips = [committed[seat].fields.get("slip") for seat in seats]
    yield same("closed with slips", required(closed, "slips", list), slips)
    opened = sorted(whole(event, "seat") for event in panel.all("BALLOT_REVEALED"))
    yield same("opened seats", opened, seats)


def _reveal(event: Event, claimed: Claimed) -> tuple[Ballot | None, Line]:
    """The ballot to count, if any, and whether the record judged its validity rightly."""
    seat = event.fields.get("seat")
    counted = event.fields.get("valid", True) is True
    ballot, fault = _read_ballot(event)
    if ballot is None:
        return None, Line(f"seat {seat}: {fault}, not counted", holds=not counted)
    broken = _broken_rule(ballot, claimed)
    if counted:
        return ballot, Line(f"seat {seat}: {ballot.choice}" + (f" ({broken})" if broken else ""))
    reason = broken or "recorded as invalid, but nothing is wrong with it"
    return None, Line(f"seat {seat}: {reason}, not counted", holds=bool(broken))


def _read_ballot(event: Event) -> tuple[Ballot | None, str]:
    content, seat = event.fields.get("ballot"), whole(event, "seat")
    try:
        ballot = Ballot.from_fields(content if isinstance(content, dict) else {})
    except BallotRefused as problem:
        return None, f"not a ballot ({problem})"
    if ballot.seat != seat:
        return None, f"the ballot is for seat {ballot.seat}"
    return ballot, ""


def _broken_rule(ballot: Ballot, claimed: Claimed) -> str:
    try:
        ballots.check(ballot, claimed)
    except BallotRefused as problem:
        return f"breaks {problem}"
    return ""


def _sealed(
    event: Event, commit: Event, ballot: Ballot | None, claimed: Claimed, beside: Beside
) -> Iterator[Line]:
    """That what was sealed is what was opened."""
    seat, key = whole(event, "seat"), str(event.fields.get("key", ""))
    if commit.fields.get("sealed_by", "SERVER_KEY") == "SERVER_KEY":
        yield from _sealed_by_server(seat, commit, ballot)
        return
    envelope = beside.envelopes.get(str(commit.fields.get("slip")))
    if envelope is None:
        yield Line(f"seat {seat}: the sealed ballot is not in the bundle", False)
        return
    slip = hashlib.sha256(envelope).hexdigest()
    yield same(f"seat {seat}, slip", commit.fields.get("slip"), slip)
    if not key:
        yield Line(f"seat {seat}: no key was published, it could not be opened", ballot is None)
    elif beside.open_ is None:
        yield Line(f"seat {seat}: NOT opened again, that needs the package `cryptography`")
    else:
        yield _opened(seat, envelope, key, ballot, claimed, beside.open_)


def _sealed_by_server(seat: int, commit: Event, ballot: Ballot | None) -> Iterator[Line]:
    """The record names the digest of the plain text; a ballot has only one."""
    sealed = commit.fields.get("sealed")
    if ballot is None or not isinstance(sealed, dict):
        yield Line(f"seat {seat}: sealed by the server, not opened again")
        return
    digest = hashlib.sha256(ballots.encode(ballot)).hexdigest()
    yield same(f"seat {seat}, sealed by the server", sealed.get("sha256"), digest)


def _opened(
    seat: int, envelope: bytes, key: str, ballot: Ballot | None, claimed: Claimed, open_: Open
) -> Line:
    """A ballot that was sealed rightly counts; who drops it says that it could not be read."""
    try:
        content = open_(envelope, bytes.fromhex(key))
    except (EnvelopeRefused, ValueError) as problem:
        if str(problem) == "SPOILT" and ballot is None:
            return Line(f"seat {seat}: the voter's own key does not open what the voter sealed")
        return Line(f"seat {seat}: the published key does not open the ballot ({problem})", False)
    found = _countable(content, seat, claimed)
    if found is None and ballot is None:
        return Line(f"seat {seat}: the envelope opens to what cannot be counted")
    return Line(f"seat {seat}: the envelope opens to the ballot that counts", found == ballot)


def _countable(content: bytes, seat: int, claimed: Claimed) -> Ballot | None:
    try:
        ballot = ballots.decode(content)
        ballots.check(ballot, claimed)
    except BallotRefused:
        return None
    return ballot if ballot.seat == seat else None
