"""Erasing a case: its key is destroyed, and with it every field and file that it sealed.

The erasure is an entry of the case itself, so the log still proves how many records there were and
that none was changed; what they said is gone, for us too. The rows are emptied by the projection
when it meets that entry (projection.py), in whatever process. A claim's draft goes here, what
providers answered and listed, and what was written about it as an item.
"""

from __future__ import annotations

from sqlalchemy import delete, select, update

from ledger import NotStored
from portal.books.tables import RecoupRow
from portal.cases.tables import CaseRow
from portal.claims.tables import ClaimDraft
from portal.errors import NotFound, Refused
from portal.errors import sentence as _
from portal.house import House
from portal.monitors.items import forget_items
from portal.reconciling.tables import DifferenceRow
from portal.refunds.tables import CallRow
from portal.streams import case_stream


def erase_case(house: House, case_no: str) -> int:
    """Returns the index of the entry that records it. Repeating finishes what was interrupted.

    Raises NotFound for a number without records, Refused for a case that is not closed, or whose
    shop still owes what was advanced: nobody could say so afterwards.
    """
    with house.sessions() as session:
        row = session.get(CaseRow, case_no)
        owed = select(RecoupRow.refund_no).where(
            RecoupRow.case_no == case_no, RecoupRow.open.is_(True)
        )
        if session.scalar(owed.limit(1)):
            raise Refused(_("平台垫付的钱还没有收回，不能删除内容"))
    if row is not None and row.open:
        raise Refused(_("案件还没有结案，不能删除内容"))
    try:
        entries = house.log.erase(case_stream(case_no))
    except NotStored:
        raise NotFound(_("没有这个案件")) from None
    house.projection.catch_up()
    with house.sessions.begin() as session:
        session.execute(delete(ClaimDraft).where(ClaimDraft.case_no == case_no))
        said = update(CallRow).where(CallRow.case_no == case_no)  # a provider may name the account
        session.execute(said.values(raw=b""))
        listed = update(DifferenceRow).where(DifferenceRow.case_no == case_no)
        session.execute(listed.values(raw=""))
        forget_items(session, case_no, house.clock.now())
    return entries[0].index
