"""Reconciled days for programs of operator and association."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from portal.access import Role, allow, current_actor
from portal.bodies import Answered, Asked, Body, RecordedOut, Words, recorded, wish_of
from portal.database import db
from portal.house import house
from portal.reconciling import desk, queries
from portal.reconciling.closed import Closing
from portal.reconciling.queries import MOST_ID, Days
from portal.reconciling.rules import MOST_EVIDENCE, MOST_TEXT
from portal.reconciling.tables import DayRow

bp = APIBlueprint("reconciling_api", __name__, url_prefix="/api/v1", tag="Money")


class DaysQuery(Asked):
    """`result`: GREEN, RED, or NO_BILL: our own records agree, and the provider gave no bill."""

    provider: str = ""
    result: str = ""
    after: str = ""


class DayOut(Answered):
    """Refunds of one provider on one day of Beijing's; `bill_digest` is empty without a bill."""

    provider: str
    day: str
    result: str
    bill_digest: str
    rows: int
    matched: int
    differences: int
    bill_fen: int
    ledger_fen: int
    journal_fen: int
    finished_at: datetime
    entry_index: int


class DaysOut(Answered):
    """`next` goes into `after` for the next page; null on the last."""

    rows: list[DayOut]
    next: str | None


class ClosedOut(BaseModel):
    """Why it may stand; `entry`: the number of that entry in the ledger."""

    reason: str
    evidence: str
    entry: int


class DifferenceOut(Answered):
    """`gone_at`: a later look at the day no longer found it. `item_no`: who sees to it. `digest`
    names the row as it stands; `said`: how many people have closed it, `closed` is null while it
    needs another; `red`: why no word closes it."""

    id: int
    kind: str
    number: str
    refund_no: str
    case_no: str
    bill_fen: int
    our_fen: int
    bill_state: str
    our_state: str
    found_at: datetime
    gone_at: datetime | None
    item_no: str
    owner: str
    deadline: datetime | None
    digest: str
    said: int
    closed: ClosedOut | None
    red: str


class CloseBody(Body):
    """`seen`: the row's digest as it was read."""

    seen: Annotated[Words, Field(max_length=64)]
    reason: Annotated[Words, Field(max_length=MOST_TEXT)]
    evidence: Annotated[Words, Field(max_length=MOST_EVIDENCE)]


class DifferencesQuery(Asked):
    after: Annotated[int, Field(ge=0, le=MOST_ID)] = 0


class DifferencesOut(BaseModel):
    """`next` goes into `after` for the next page; null on the last."""

    rows: list[DifferenceOut]
    next: int | None


@bp.get("/money/reconciliation")
@allow(Role.OPERATOR, Role.ASSOCIATION)
@bp.input(DaysQuery, location="query", arg_name="query")
@bp.output(DaysOut)
def days(query: DaysQuery) -> Days:
    """Days, the newest first."""
    return queries.days(db.session, query.provider, query.result, query.after)


@bp.get("/money/reconciliation/<provider>/<day>")
@allow(Role.OPERATOR, Role.ASSOCIATION)
@bp.output(DayOut)
def day(provider: str, day: str) -> DayRow:
    """One day: the provider's total, the journal's and the ledger's."""
    return queries.day_of(db.session, provider, day)


@bp.get("/money/reconciliation/<provider>/<day>/differences")
@allow(Role.OPERATOR, Role.ASSOCIATION)
@bp.input(DifferencesQuery, location="query", arg_name="query")
@bp.output(DifferencesOut)
def differences(provider: str, day: str, query: DifferencesQuery) -> DifferencesOut:
    """What differs or differed on that day, with who owns it until when."""
    row = queries.day_of(db.session, provider, day)
    found = queries.differences(db.session, row.provider, row.day, query.after)
    rows = [_difference(each) for each in found.found]
    return DifferencesOut(rows=rows, next=found.next)


@bp.post("/money/reconciliation/<provider>/<day>/differences/<number>/close")
@allow(Role.OPERATOR)
@bp.input(CloseBody, arg_name="body")
@bp.output(RecordedOut, status_code=201)
def close(provider: str, day: str, number: str, body: CloseBody) -> RecordedOut:
    """Put on record why a difference may stand, above the limit as one of two people."""
    actor, place = current_actor(), queries.Place(provider, day, queries.id_of(number))
    word = desk.Word(body.seen, body.reason, body.evidence)
    return recorded(desk.close_difference(db.session, house(), actor, place, word, wish_of(actor)))


def _difference(found: queries.Difference) -> DifferenceOut:
    names = DifferenceOut.model_fields
    of_row = {name: getattr(found.row, name) for name in names if hasattr(found.row, name)}
    beside = ("item_no", "owner", "deadline", "digest", "red")
    told = {name: getattr(found, name) for name in beside}
    return DifferenceOut(**of_row, **told, said=len(found.words), closed=_closed(found.closed))


def _closed(word: Closing | None) -> ClosedOut | None:
    if word is None:
        return None
    return ClosedOut(reason=word.event.reason, evidence=word.event.evidence, entry=word.index)
