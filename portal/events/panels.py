"""A panel from its call to its count. A case may have several, one after another: `round` counts.

The order of the entries is the fairness: PANEL_CALLED fixes who could be drawn before the seed
exists, PANEL_DRAWN seats them, BALLOT_COMMITTED fixes each sealed vote, VOTING_CLOSED lists the
sealed votes that count, and only after it do trustees open them.
"""

from __future__ import annotations

from collections.abc import Mapping

from portal.events.values import Claimed, Event, FileRef, Seat, TrusteeKey


class TrackAssigned(Event, tag="TRACK_ASSIGNED"):
    track: str
    reason: str


class PanelCalled(Event, tag="PANEL_CALLED"):
    case_no: str
    track: str
    seats: Mapping[str, int]  # by stratum, in the order of the draw
    pool: FileRef  # candidates with weights and exclusions with codes (reviewers.candidates)
    counts: Mapping[str, int]  # candidates by stratum
    exclusions: Mapping[str, int]  # how many by code
    pool_length: int  # entries of the pool's stream that it was made from
    claimed: Claimed
    round: int = 1
    kind: str = "FIRST"  # FIRST, REDRAW, APPEAL
    required: tuple[str, ...] = ()  # exhibits to open before a ballot is taken
    beacon: str = ""  # chain and round of public randomness, named before it exists


class PanelDrawn(Event, tag="PANEL_DRAWN"):
    checkpoint: str
    seed: str
    seats: tuple[Seat, ...]
    reserves: Mapping[str, tuple[str, ...]]  # by stratum, in the order in which they step in
    panel_kid: str
    extra: tuple[str, ...] = ()  # hex, what the seed holds beside the root (reviewers.draw)
    reserves_wanted: int = 7
    trustees: tuple[TrusteeKey, ...] = ()  # whom ballots are sealed to; none: the server seals


class SeatAccepted(Event, tag="SEAT_ACCEPTED"):
    seat: int
    reviewer_id: str


class Recusal(Event, tag="RECUSAL"):
    """A seat becomes free: its ballot, if there is one, does not count."""

    seat: int
    reviewer_id: str
    why: str  # DECLINED, SILENT, RECUSED, REMOVED
    code: str = ""  # reviewers.eligibility.Conflict
    text: str = ""


class SeatFilled(Event, tag="SEAT_FILLED"):
    seat: int
    reviewer_id: str
    stratum: str
    reserve: int  # place in the stratum's reserve order, from 0


class BallotCommitted(Event, tag="BALLOT_COMMITTED"):
    seat: int
    sealed: FileRef
    slip: str = ""  # hex SHA-256 of the envelope; with the server's key of the encrypted file
    sealed_by: str = "SERVER_KEY"  # BROWSER, SERVER (both to trustees), SERVER_KEY
    opened: tuple[str, ...] = ()  # exhibits that this seat had opened before


class VotingClosed(Event, tag="VOTING_CLOSED"):
    why: str  # ALL_VOTED or DEADLINE
    seats: tuple[int, ...]
    slips: tuple[str, ...] = ()  # in the order of `seats`: exactly these ballots are opened
    round: int = 1


class BallotsPeeled(Event, tag="BALLOTS_PEELED"):
    """One trustee took its layer off every ballot; the partner's layer is still on."""

    trustee: str
    partner: str
    peeled: Mapping[str, str]  # by seat, base64; empty for a ballot that did not open


class TrusteeFailed(Event, tag="TRUSTEE_FAILED"):
    trustee: str
    why: str  # GARBAGE, REFUSED


class OpeningDelayed(Event, tag="OPENING_DELAYED"):
    """Fewer trustees than needed answer: the case waits, and everybody is told."""

    missing: tuple[str, ...]


class BallotRevealed(Event, tag="BALLOT_REVEALED"):
    seat: int
    valid: bool
    ballot: Mapping[str, object]  # as it opened; empty when it could not be read at all
    refused: str = ""  # why it does not count
    key: str = ""  # hex, opens the envelope: anybody can repeat it


class TallyClosed(Event, tag="TALLY_CLOSED"):
    result: Mapping[str, object]


class VoidProposed(Event, tag="VOID_PROPOSED"):
    """A void that needs the association's consent: what was voted cannot be opened, or it is known
    already and somebody might only dislike it."""

    reason: str
    text: str
    reviewer_id: str = ""


class PanelVoided(Event, tag="PANEL_VOIDED"):
    """The panel and its result do not count; a fresh one is drawn. Counted in public."""

    reason: str  # CONFLICT_FOUND, PROCEDURE, INTEGRITY, TRUSTEES_LOST, POOL_EXHAUSTED
    text: str
    reviewer_id: str = ""
    consented_by: str = ""  # who agreed beside the operator


class TrusteeEnrolled(Event, tag="TRUSTEE_ENROLLED"):
    name: str
    holder: str  # OPERATOR, ASSOCIATION, THIRD
    key: str  # base64, X25519


class TrusteeRetired(Event, tag="TRUSTEE_RETIRED"):
    name: str
    key: str
    reason: str
