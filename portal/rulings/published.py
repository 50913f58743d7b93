"""What everybody may know of a case's votes, as plain values for the page and for its script."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from portal.cases.state import Case, Round
from portal.rulings.computation import Computation, computation_of, readable
from portal.rulings.liability import Band, bands_of
from portal.rulings.names import seat_name
from portal.rulings.opening import slip_of
from reviewers.parties import PARTIES
from reviewers.remedies import REMEDIES, STATUTORY


@dataclass(frozen=True)
class PublishedBallot:
    """One seat. Only a ballot that counted has a choice; `key_digest` is the SHA-256 of the key
    that opened it, empty where the server's own key did or nobody voted."""

    seat: int
    stratum: str
    slip: str = ""
    sealed_by: str = ""
    valid: bool = False
    refused: str = ""
    key_digest: str = ""
    choice: str = ""
    amount_fen: int = 0
    compensation_fen: int = 0
    remedy: str | None = None
    reasons: tuple[str, ...] = ()
    liability: Mapping[str, int] | None = None

    @property
    def name(self) -> str:
        return seat_name(self.seat)


@dataclass(frozen=True)
class PublishedRound:
    """One count: what was asked, every seat, and the result as recorded."""

    number: int
    kind: str
    track: str
    claimed: Mapping[str, Any]
    ballots: tuple[PublishedBallot, ...]
    result: Mapping[str, Any]
    voided: str
    closed: str  # why voting closed
    computation: Computation
    bands: tuple[Band, ...]

    def as_fields(self) -> dict[str, Any]:
        """For the script: numbers and codes, nothing in anybody's language."""
        return {
            "number": self.number,
            "kind": self.kind,
            "track": self.track,
            "claimed": dict(self.claimed),
            "ballots": [asdict(ballot) for ballot in self.ballots],
            "result": dict(self.result),
        }


@dataclass(frozen=True)
class Published:
    """Every round that was opened, the newest first."""

    case_no: str
    rounds: tuple[PublishedRound, ...]

    def as_fields(self) -> dict[str, Any]:
        """With the published orders that break ties (reviewers.remedies, reviewers.parties)."""
        return {
            "case_no": self.case_no,
            "remedies": list(REMEDIES),
            "statutory": sorted(STATUTORY),
            "parties": list(PARTIES),
            "rounds": [one.as_fields() for one in self.rounds],
        }


def published_rounds(case: Case) -> Published | None:
    """None before anything was opened, and for a case that does not exist."""
    counted = [panel for panel in (*case.earlier, case.round) if panel.tally]
    if case.filed is None or not counted:
        return None
    return Published(case.claim.case_no, tuple(_round(panel) for panel in reversed(counted)))


def _round(panel: Round) -> PublishedRound:
    called, tally, computation = panel.called, panel.tally, computation_of(panel)
    assert called is not None, "counted without a call"
    assert tally is not None, "asked of counted panels only"
    assert computation is not None, "a count can be laid out"
    asked = called.claimed
    return PublishedRound(
        number=panel.number,
        kind=panel.kind,
        track=called.track,
        claimed={
            "remedy": asked.remedy,
            "refund_fen": asked.refund_fen,
            "compensation_fen": asked.compensation_fen,
            "compensation_code": asked.compensation_code,
        },
        ballots=tuple(_ballot(panel, seat.number, seat.stratum) for seat in panel.seats),
        result=tally.result,
        voided=panel.voided.reason if panel.voided else "",
        closed=panel.voting_closed.why if panel.voting_closed else "",
        computation=computation,
        bands=bands_of(_whole_numbers(tally.result.get("liability"))),
    )


def _whole_numbers(shares: object) -> dict[str, int]:
    return dict(shares) if isinstance(shares, Mapping) else {}


def _ballot(panel: Round, seat: int, stratum: str) -> PublishedBallot:
    committed = next((b for b in panel.ballots if b.seat == seat), None)
    shown = next((b for b in panel.revealed if b.seat == seat), None)
    if committed is None or shown is None:
        return PublishedBallot(seat, stratum)
    known = PublishedBallot(
        seat=seat,
        stratum=stratum,
        slip=slip_of(committed),
        sealed_by=committed.sealed_by,
        refused=shown.refused,
        key_digest=_digest(shown.key),
    )
    return _counted(known, shown.ballot) if shown.valid else known


def _digest(key: str) -> str:
    return hashlib.sha256(bytes.fromhex(key)).hexdigest() if key else ""


def _counted(known: PublishedBallot, fields: Mapping[str, object]) -> PublishedBallot:
    ballot = readable(fields)
    assert ballot is not None, "a ballot that counted can be read"
    return PublishedBallot(
        seat=known.seat,
        stratum=known.stratum,
        slip=known.slip,
        sealed_by=known.sealed_by,
        key_digest=known.key_digest,
        valid=True,
        choice=str(ballot.choice),
        amount_fen=ballot.amount_fen,
        compensation_fen=ballot.compensation_fen,
        remedy=ballot.remedy,
        reasons=tuple(map(str, ballot.reasons)),
        liability={p: ballot.liability[p] for p in PARTIES if p in ballot.liability},
    )
