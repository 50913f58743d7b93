"""Who may judge a case: the enrolled pool less the conflicts that the data shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

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

AT_ONCE = 10_000  # rows of the pool in memory while they become candidates
MOST_REQUIRED = 12  # exhibits of one side that a reviewer must have opened


def call_for(session: Session, files: Files, case: Case) -> CallPanel:
    """The command that calls a panel, its file of candidates stored under the case's own key.

    Raises NotReady when the pool is too small, before anything is stored.
    """
    fixed = enough_for(session, case)
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


def enough_for(session: Session, case: Case) -> Fixed:
    """The candidates, if they fill a panel. Raises NotReady; a pool that is too small before any
    conflict is told by a count, for a case that waits for reviewers is asked of again and again."""
    active = select(ReviewerRow.stratum, func.count()).where(ReviewerRow.state == "ACTIVE")
    found = session.execute(active.group_by(ReviewerRow.stratum))
    seats_of(track_for(case), {row[0]: row[1] for row in found})
    fixed = candidates_for(session, case)
    seats_of(track_for(case), fixed.counts)
    return fixed


def candidates_for(session: Session, case: Case) -> Fixed:
    """Candidates and exclusions from the pool as it is projected now."""
    expert_field = _field(session, case)
    return screen(
        _active(session, bool(expert_field)),
        parties_of(session, case, busy(session)),
        profiles(session, case),
        _weigh(session, case),
        expert_field=expert_field,
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
    """(case number, reviewer id) of those who left the pool and still sit on a running panel.

    Read from the running panels: what a removed reviewer judged in the past only ever grows.
    """
    gone = select(ReviewerRow.reviewer_id).where(ReviewerRow.state == "REMOVED")
    # Not the bare column: SQLite would start from the removed and read all that they ever judged.
    whose = SeatRow.reviewer_id + ""
    query = (
        select(SeatRow.case_no, SeatRow.reviewer_id)
        .join(CaseRow, CaseRow.case_no == SeatRow.case_no)
        .where(
            CaseRow.state.in_(SEATED),
            SeatRow.state.in_(("INVITED", "ACCEPTED")),
            whose.in_(gone),
        )
        .limit(most)
    )
    return tuple((case_no, reviewer_id) for case_no, reviewer_id in session.execute(query))


def open_seat():  # type: ignore[no-untyped-def]
    """A condition on SeatRow and CaseRow: a seat that still waits for its reviewer."""
    waiting = SeatRow.state.in_(("INVITED", "ACCEPTED")) & SeatRow.voted.is_(False)
    return waiting & CaseRow.state.in_(SEATED)


def _active(session: Session, with_fields: bool) -> Iterator[Reviewer]:
    """The active pool from bare columns: as mapped rows a large one costs ten times as much.

    Only experts' fields bear on a draw, and only where the case has a subject.
    """
    active = ReviewerRow.state == "ACTIVE"
    bare = select(ReviewerRow.reviewer_id, ReviewerRow.stratum, ReviewerRow.weight).where(active)
    known: dict[str, tuple[str, ...]] = {}
    if with_fields:
        query = select(ReviewerRow.reviewer_id, ReviewerRow.fields)
        experts = query.where(active, ReviewerRow.stratum == Stratum.EXPERT)
        known = {id_: tuple(fields) for id_, fields in session.execute(experts) if fields}
    for id_, stratum, weight_ in session.execute(bare.execution_options(yield_per=AT_ONCE)):
        yield Reviewer(id_, stratum, weight_, known.get(id_, ()))


def _weigh(session: Session, case: Case) -> Callable[[Reviewer], int] | None:
    """Experience counts where much is at stake; what counts as that is published (weights)."""
    votes = _earlier_votes(case)
    claimed_fen = case.claimed.refund_fen + case.claimed.compensation_fen
    high = is_high_stakes(claimed_fen, *votes)
    if not high:
        return None  # everybody weighs what the pool says
    decided = _decided(session)
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
