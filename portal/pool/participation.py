"""How a reviewer took part. Nothing here says whether anybody agreed with them: a reviewer who is
measured by the majority learns to guess the majority."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from portal.cases.state import Case
from portal.cases.tables import CaseRow, SeatRow
from portal.database import AnySession
from portal.history import load_case

EXAMINED = 50  # ended panels looked at for what became of them, the newest first


@dataclass(frozen=True)
class Participation:
    """Counts of invitations and what became of them; `fate` of panels that were redone."""

    invited: int
    accepted: int
    voted: int
    declined: int
    silent: int
    recused: int
    removed: int
    changed: int  # rulings of this reviewer's panels that an appeal changed
    voided: int  # panels of this reviewer that were voided


def participation_of(session: AnySession, reviewer_id: str) -> Participation:
    """Costs one pass over the reviewer's own seats, and EXAMINED cases at most."""
    query = (
        select(SeatRow.state, SeatRow.why, SeatRow.voted, func.count())
        .where(SeatRow.reviewer_id == reviewer_id)
        .group_by(SeatRow.state, SeatRow.why, SeatRow.voted)
    )
    counted = [tuple(row) for row in session.execute(query)]
    left = {why: sum(n for _s, w, _v, n in counted if w == why) for why in _LEFT}
    changed, voided = _fates(session, reviewer_id)
    return Participation(
        invited=sum(n for *_all, n in counted),
        accepted=sum(n for state, w, _v, n in counted if state != "INVITED" and w not in _NEVER),
        voted=sum(n for _s, _w, voted, n in counted if voted),
        declined=left["DECLINED"],
        silent=left["SILENT"],
        recused=left["RECUSED"],
        removed=left["REMOVED"],
        changed=changed,
        voided=voided,
    )


_LEFT = ("DECLINED", "SILENT", "RECUSED", "REMOVED")
_NEVER = ("DECLINED", "SILENT")


def _fates(session: AnySession, reviewer_id: str) -> tuple[int, int]:
    """(changed on appeal, voided) among the reviewer's newest ended panels."""
    query = (
        select(SeatRow.case_no, SeatRow.panel)
        .join(CaseRow, CaseRow.case_no == SeatRow.case_no)
        .where(SeatRow.reviewer_id == reviewer_id, SeatRow.state == "ENDED", SeatRow.voted)
        .order_by(CaseRow.updated_at.desc())
        .limit(EXAMINED)
    )
    found = [(load_case(session, case_no), panel) for case_no, panel in session.execute(query)]
    voided = sum(_was_voided(case, panel) for case, panel in found)
    changed = sum(_was_changed(case, panel) for case, panel in found)
    return changed, voided


def _was_voided(case: Case, panel: int) -> bool:
    return any(one.number == panel and one.voided is not None for one in case.earlier)


def _was_changed(case: Case, panel: int) -> bool:
    ruled = any(one.number == panel and one.ruling is not None for one in case.earlier)
    final = case.round.ruling
    return ruled and final is not None and final.appeal in ("CHANGES", "VOIDS")
