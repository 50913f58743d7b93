"""Who may judge a case: the enrolled pool less the conflicts that the data shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger import Checkpoint
from portal.cases.state import Case
from portal.cases.tables import CaseRow, EntryRow, SeatRow
from portal.events import TrusteeKey
from portal.files import Files
from portal.history import load
from portal.orders.tables import OrderRow
from portal.panels.commands import CallPanel, DrawPanel
from portal.panels.relations import parties_of, profiles
from portal.panels.rules import seats_of, track_for
from portal.panels.seating import SEATED
from portal.panels.tables import ReviewerRow
from portal.streams import POOL, case_stream
from reviewers import candidates
from reviewers.candidates import Fixed
from reviewers.checkpoints import cosignatures
from reviewers.eligibility import screen
from reviewers.pool import Reviewer, Stratum
from reviewers.tracks import Track
from reviewers.weights import is_high_stakes, weight

MOST_REQUIRED = 12  # exhibits of one side that a reviewer must have opened


def call_for(session: Session, files: Files, case: Case) -> CallPanel:
    """The command that calls a panel, its file of candidates stored under the case's own key.

    Raises NotReady when the pool is too small, before anything is stored.
    """
    fixed = candidates_for(session, case)
    seats_of(track_for(case), fixed.counts)
    kid = load(session, case_stream(case.claim.case_no)).kid
    assert kid is not None, "a case without a key"
    return CallPanel(
        case_no=case.claim.case_no,
        pool=files.put_bytes(candidates.encode(fixed), kid, "application/json"),
        counts=fixed.counts,
        exclusions=fixed.exclusions,
        pool_length=_pool_length(session),
        required=_required(case),
    )


def candidates_for(session: Session, case: Case) -> Fixed:
    """Candidates and exclusions from the pool as it is projected now."""
    rows = session.scalars(select(ReviewerRow).where(ReviewerRow.state == "ACTIVE"))
    return screen(
        [_reviewer(row) for row in rows],
        parties_of(session, case, busy(session)),
        profiles(session, case),
        _weigh(session, case),
        expert_field=_field(session, case),
        expert_seats=Track(track_for(case)).seats[Stratum.EXPERT],
    )


def draw_from(
    files: Files,
    case: Case,
    checkpoint: Checkpoint,
    panel_kid: str,
    trustees: tuple[TrusteeKey, ...] = (),
) -> DrawPanel:
    """The command that draws a panel that was called: every witness's signature on the checkpoint
    goes into the seed, so that the operator alone cannot foresee it."""
    assert case.called is not None, "a draw before the call"
    fixed = candidates.decode(files.read(case.called.pool))
    return DrawPanel(
        case_no=case.claim.case_no,
        checkpoint=checkpoint.text,
        root=checkpoint.root,
        candidates=fixed.candidates,
        panel_kid=panel_kid,
        extra=cosignatures(checkpoint.text),
        trustees=trustees,
    )


def busy(session: Session) -> frozenset[str]:
    """Who has as many open seats as their quota allows."""
    held = (
        select(SeatRow.reviewer_id, func.count().label("seats"))
        .join(CaseRow, CaseRow.case_no == SeatRow.case_no)
        .where(open_seat())
        .group_by(SeatRow.reviewer_id)
        .subquery()
    )
    full = select(held.c.reviewer_id).join(
        ReviewerRow, ReviewerRow.reviewer_id == held.c.reviewer_id
    )
    return frozenset(session.scalars(full.where(held.c.seats >= ReviewerRow.quota)))


def removed_but_seated(session: Session, most: int) -> tuple[tuple[str, str], ...]:
    """(case number, reviewer id) of those who left the pool and still sit on a running panel."""
    query = (
        select(SeatRow.case_no, SeatRow.reviewer_id)
        .join(CaseRow, CaseRow.case_no == SeatRow.case_no)
        .join(ReviewerRow, ReviewerRow.reviewer_id == SeatRow.reviewer_id)
        .where(
            ReviewerRow.state == "REMOVED",
            SeatRow.state.in_(("INVITED", "ACCEPTED")),
            CaseRow.state.in_(SEATED),
        )
        .limit(most)
    )
    return tuple((case_no, reviewer_id) for case_no, reviewer_id in session.execute(query))


def open_seat():  # type: ignore[no-untyped-def]
    """A condition on SeatRow and CaseRow: a seat that still waits for its reviewer."""
    waiting = SeatRow.state.in_(("INVITED", "ACCEPTED")) & SeatRow.voted.is_(False)
    return waiting & CaseRow.state.in_(SEATED)


def _reviewer(row: ReviewerRow) -> Reviewer:
    return Reviewer(row.reviewer_id, Stratum(row.stratum), row.weight, tuple(row.fields))


def _weigh(session: Session, case: Case) -> Callable[[Reviewer], int]:
    """Experience counts where much is at stake; what counts as that is published (weights)."""
    votes = _earlier_votes(case)
    claimed_fen = case.claimed.refund_fen + case.claimed.compensation_fen
    high = is_high_stakes(claimed_fen, *votes)
    decided = _decided(session) if high else {}
    return lambda one: weight(one.weight, decided.get(one.id, 0), high)


def _earlier_votes(case: Case) -> tuple[int, int]:
    """Supporting and rejecting ballots of the panel whose ruling is appealed."""
    if case.round.kind != "APPEAL" or case.appeal is None:
        return (0, 0)
    tallies = (panel.tally for panel in reversed(case.earlier) if panel.voided is None)
    tally = next(filter(None, tallies), None)
    counts: Mapping[str, int] = tally.result["counts"] if tally else {}  # type: ignore[assignment]
    support = counts.get("SUPPORT_CLAIMANT", 0) + counts.get("PARTIAL", 0)
    return (support, counts.get("SUPPORT_RESPONDENT", 0))


def _decided(session: Session) -> dict[str, int]:
    """In how many decided cases each reviewer has voted."""
    query = (
        select(SeatRow.reviewer_id, func.count())
        .join(CaseRow, CaseRow.case_no == SeatRow.case_no)
        .where(SeatRow.voted, SeatRow.state != "LEFT", CaseRow.outcome != "")
        .group_by(SeatRow.reviewer_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _field(session: Session, case: Case) -> str:
    """The subject that an expert should know: the category of the first product in dispute."""
    claim = case.claim
    order = session.get(OrderRow, (claim.platform, claim.order_id))
    lines = order.document["order"]["lines"] if order else ()
    category = next(
        (line["category"] for line in lines if line["id"] == claim.lines[0].line_id), ""
    )
    return category.upper() if category.isascii() else ""


def _required(case: Case) -> tuple[str, ...]:
    """The first exhibits of both sides: who judges them must have looked."""
    sides = ([x.number for x in case.exhibits if x.side == s] for s in ("BUYER", "MERCHANT"))
    return tuple(number for side in sides for number in side[:MOST_REQUIRED])


def _pool_length(session: Session) -> int:
    query = select(EntryRow.seq).where(EntryRow.stream == POOL).order_by(EntryRow.seq.desc())
    newest = session.scalar(query.limit(1))
    return 0 if newest is None else newest + 1
