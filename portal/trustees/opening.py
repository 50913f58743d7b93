"""Opening a panel's ballots with two of its three trustees, whichever two there are.

    FIRST at the outer of a pair -> BALLOTS_PEELED, on record -> SECOND at the inner -> the keys

Every key is tried before it counts. A ballot that one pair does not open is tried with the others:
only what no two trustees can open is invalid, so neither a trustee who answers nothing nor a voter
who sealed one wrap badly decides alone what counts. Fewer than two trustees: the case waits, it
says so once on record, and the sweep asks again; nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from ledger import LedgerError, Log
from ledger.encoding import from_base64, to_base64
from portal.cases.state import Case, Round
from portal.errors import NotReady
from portal.errors import sentence as _
from portal.events import BallotCommitted, BallotsPeeled
from portal.files import Files
from portal.keyring import KeyDestroyed, Keyring
from portal.panels.commands import OpenBallots
from portal.panels.sealing import SERVER_KEY, unseal
from portal.recorder import Recorder
from portal.trustees.asking import Away, Ballots, Layer, Misbehaved, ask_first, ask_second
from portal.trustees.commands import NoteDelayed, NoteFailed, NotePeeled
from portal.trustees.proof import case_in_log, prove_closing
from portal.trustees.settings import Trustee
from reviewers.envelope import key_digest, open_envelope, read
from reviewers.errors import EnvelopeRefused

Pair = tuple[str, str]
RECORDS = "RECORDS"  # what is missing when the tables are not what the log has


@dataclass(frozen=True)
class Opening:
    """The duty OPEN, done by the worker."""

    recorder: Recorder
    log: Log
    files: Files
    keyring: Keyring
    trustees: tuple[Trustee, ...]

    def open(self, case: Case) -> None:
        """Ballots, count and ruling on record. Raises NotReady while too few trustees answer."""
        self._check_rows(case)
        if all(ballot.sealed_by == SERVER_KEY for ballot in case.ballots):
            opened = tuple((b.seat, unseal(self.files, b.sealed)) for b in _in_order(case))
            return self._record(case, OpenBallots(_number(case), opened))
        return self._record(case, self._with_trustees(case))

    def _check_rows(self, case: Case) -> None:
        """An edit in the database must neither void a vote nor make trustees look as if they had
        failed: what is opened, counted and asked of them is what the log has."""
        now, then = case.round, case_in_log(self.log, self.keyring, _number(case)).round
        if now.number == then.number and _fixed(now) != _fixed(then):
            self.delay(case, (RECORDS,))

    def _with_trustees(self, case: Case) -> OpenBallots:
        envelopes = self._envelopes(case)
        proof = prove_closing(self.log, self.keyring, _number(case), case.round.number)
        attempt = _Attempt(self, case, Ballots(proof, tuple(envelopes.values())), envelopes)
        keys = attempt.find_keys()
        opened = tuple(
            (seat, _plain(content, keys[seat]) if seat in keys else None)
            for seat, content in envelopes.items()
        )
        return OpenBallots(_number(case), opened, {seat: key.hex() for seat, key in keys.items()})

    def _envelopes(self, case: Case) -> dict[int, bytes]:
        """By seat. A lost file is told like a trustee that is away: nothing may be opened without
        it, because what is opened first could decide what gets lost."""
        found = {}
        for ballot in _in_order(case):
            try:
                found[ballot.seat] = self.files.read(ballot.sealed)
            except (KeyDestroyed, LedgerError):
                self.delay(case, (f"BALLOT/{ballot.seat}",))
        return found

    def delay(self, case: Case, missing: tuple[str, ...]) -> None:
        """On record once; raises NotReady in any case."""
        note = NoteDelayed(_number(case), missing)
        if case.round.delayed is None:
            self.note(note, f"delayed/{_panel(case)}")
        raise NotReady(_("等保管人开封：%(missing)s"), missing=" ".join(missing))

    def note(self, command: object, command_id: str) -> None:
        self.recorder.record(command, by="SYSTEM", command_id=command_id)

    def _record(self, case: Case, command: OpenBallots) -> None:
        self.note(command, f"open/{_panel(case)}")


@dataclass
class _Attempt:
    """One try at one panel: who has answered what so far."""

    opening: Opening
    case: Case
    ballots: Ballots
    envelopes: Mapping[int, bytes]
    keys: dict[int, bytes] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    tried: dict[Pair, int] = field(default_factory=dict)  # how many ballots each pair opened

    def find_keys(self) -> dict[int, bytes]:
        """By seat, each tried on its envelope."""
        for pair in self._pairs():
            if len(self.keys) == len(self.envelopes):
                break
            if not self.away.intersection(pair):
                self._try(pair)
        if not self.tried:
            self.opening.delay(self.case, tuple(sorted(self.away)))
        self._blame()
        return self.keys

    def _pairs(self) -> Iterator[Pair]:
        """In the panel's order, but first those whose outer layer is off already."""
        assert self.case.drawn is not None, "an opening without a panel"
        names = [trustee.name for trustee in self.case.drawn.trustees]
        pairs = list(combinations(names, 2))
        yield from sorted(pairs, key=lambda pair: self._peeled(pair) is None)

    def _try(self, pair: Pair) -> None:
        outer, inner = pair
        try:
            layer = self._first(outer, inner)
            found = ask_second(self._trustee(inner), outer, self.ballots, layer)
        except _Lost as lost:
            self._lose(lost.name, lost.why)
        except Away:
            self._lose(inner, "")
        except Misbehaved as error:
            self._lose(inner, error.why)
        else:
            self._take(pair, found)

    def _first(self, outer: str, inner: str) -> Layer:
        recorded = self._peeled((outer, inner))
        if recorded is not None:
            return _from_record(recorded, self.envelopes)
        try:
            layer = ask_first(self._trustee(outer), inner, self.ballots)
        except Away:
            raise _Lost(outer, "") from None
        except Misbehaved as error:
            raise _Lost(outer, error.why) from None
        peeled = {
            str(seat): to_base64(one or b"")
            for seat, one in zip(self.envelopes, layer, strict=True)
        }
        note = NotePeeled(_number(self.case), outer, inner, peeled)
        self.opening.note(note, f"peel/{_panel(self.case)}/{outer}/{inner}")
        return layer

    def _take(self, pair: Pair, found: Layer) -> None:
        """An honest second trustee compares each key with its digest, so a wrong one is garbage."""
        opened = 0
        for (seat, content), key in zip(self.envelopes.items(), found, strict=True):
            if key is not None and key_digest(key) != read(content).key_digest:
                return self._lose(pair[1], "GARBAGE")
            if key is not None:
                self.keys[seat] = key
                opened += 1
        self.tried[pair] = opened
        return None

    def _blame(self) -> None:
        """Whoever makes pairs fail that succeed without it."""
        best = max(self.tried, key=lambda pair: self.tried[pair])
        if not self.tried[best]:
            return
        for pair, opened in self.tried.items():
            for name in set(pair).difference(best):
                if not opened:
                    self._lose(name, "GARBAGE")

    def _lose(self, name: str, why: str) -> None:
        self.away.add(name)
        if why:
            note = NoteFailed(_number(self.case), name, why)
            self.opening.note(note, f"failed/{_panel(self.case)}/{name}")

    def _peeled(self, pair: Pair) -> BallotsPeeled | None:
        peeled = self.case.round.peeled
        return next((one for one in peeled if (one.trustee, one.partner) == pair), None)

    def _trustee(self, name: str) -> Trustee:
        """With the very key that the panel's ballots are sealed to."""
        assert self.case.drawn is not None, "an opening without a panel"
        wanted = next(each for each in self.case.drawn.trustees if each.name == name)
        found = (each for each in self.opening.trustees if each.public == wanted)
        trustee = next(found, None)
        if trustee is None:
            raise _Lost(name, "")
        return trustee


class _Lost(Exception):
    """This trustee does not help now."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(name)
        self.name = name
        self.why = why


def _from_record(recorded: BallotsPeeled, envelopes: Mapping[int, bytes]) -> Layer:
    texts = (recorded.peeled.get(str(seat), "") for seat in envelopes)
    return tuple(from_base64(text) if text else None for text in texts)


def _plain(content: bytes, key: bytes) -> bytes | None:
    """None for what the voter sealed so that its own key does not open it. No trustee is to be
    blamed for that: the digest in the envelope says that the key is the right one."""
    try:
        return open_envelope(content, key)
    except EnvelopeRefused:
        return None


def _in_order(case: Case) -> tuple[BallotCommitted, ...]:
    """As VOTING_CLOSED lists them."""
    assert case.voting_closed is not None, "an opening before the voting was closed"
    by_seat = {ballot.seat: ballot for ballot in case.ballots}
    return tuple(by_seat[seat] for seat in case.voting_closed.seats)


def _fixed(panel: Round) -> tuple[object, ...]:
    """What no longer changes once the voting is closed."""
    return panel.called, panel.drawn, panel.seats, panel.ballots, panel.voting_closed


def _number(case: Case) -> str:
    return case.claim.case_no


def _panel(case: Case) -> str:
    return f"{case.claim.case_no}/{case.round.number}"
