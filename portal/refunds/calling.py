"""One exchange with a provider: written down, made once, its raw answer kept.

The row is written in the transaction that renews the lease, before anything is sent; its key names
attempt, kind and call. Whoever cannot write it does not call. What moves money reads the provider's
switch in that same transaction: it may have been thrown since the limits were asked.

The time that a request may take counts from before that transaction. A worker that was stopped in
between, and goes on when another has asked and sent again, finds it over and sends nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from portal.controls.fence import may_leave
from portal.deadlines import ending_by
from portal.inserting import insert_absent
from portal.providers.calling import WHOLE_SECONDS
from portal.providers.values import Answer, Prepared, Provider, Transfer
from portal.refunds.breaking import note
from portal.refunds.reserving import note_sent
from portal.refunds.tables import CallRow
from portal.refunds.turns import Turn, Turns

SUBMIT, QUERY, NOTICE, ABNORMAL = "SUBMIT", "QUERY", "NOTICE", "ABNORMAL"
ABNORMAL_SHOP = "ABNORMAL_SHOP"  # what was abnormal, back to the shop's own card
RETURN, RETURN_QUERY = "RETURN", "RETURN_QUERY"  # of an advance, out of the shop's account
MOVING = (SUBMIT, ABNORMAL, ABNORMAL_SHOP, RETURN)  # what a switch stops; questions go on
TAKEN = ("SUCCESS", "PROCESSING")
NOT_TAKEN = ("REFUSED", "NOT_ENOUGH", "NOT_FOUND", "BUSY")
KEPT = 64 * 1024  # of a raw answer; more than any provider says about one refund


@dataclass(frozen=True)
class Call:
    """Which exchange: the key of its row."""

    provider: str
    kind: str
    number: str
    call: int
    digest: str = ""


@dataclass(frozen=True)
class Calls:
    sessions: sessionmaker[Session]
    turns: Turns

    def submit(
        self, turn: Turn, provider: Provider, transfer: Transfer, prepared: Prepared, call: int
    ) -> Answer | None:
        """Ask for the money, as the request number `call` of its attempt. None: not ours to ask."""
        what = Call(provider.name, SUBMIT, transfer.number, call, prepared.digest)
        return self._exchange(turn, what, lambda: provider.send(transfer))

    def query(self, turn: Turn, provider: Provider, transfer: Transfer) -> Answer | None:
        """Ask what became of a number. None: not ours to ask."""
        call = self._count(provider.name, QUERY, transfer.number) + 1
        what = Call(provider.name, QUERY, transfer.number, call)
        return self._exchange(turn, what, lambda: provider.query(transfer))

    def abnormal(
        self, turn: Turn, provider: Provider, number: str, ask: Callable[[], Answer], kind: str
    ) -> Answer | None:
        """Have what was paid out, and could not be taken, sent to another account: ABNORMAL to
        one of the payer's, ABNORMAL_SHOP to the shop's own."""
        call = self._count(provider.name, kind, number) + 1
        return self._exchange(turn, Call(provider.name, kind, number, call), ask)

    def send_return(
        self,
        turn: Turn,
        provider: Provider,
        number: str,
        prepared: Prepared,
        call: int,
        ask: Callable[[], Answer],
    ) -> Answer | None:
        """Ask that an advance be given back, as the request number `call` of its try."""
        return self._exchange(turn, Call(provider.name, RETURN, number, call, prepared.digest), ask)

    def ask_return(
        self, turn: Turn, provider: Provider, number: str, ask: Callable[[], Answer]
    ) -> Answer | None:
        """Ask what became of that."""
        call = self._count(provider.name, RETURN_QUERY, number) + 1
        return self._exchange(turn, Call(provider.name, RETURN_QUERY, number, call), ask)

    def went_to_shop(self, number: str) -> bool:
        """Whether what was abnormal can only have been sent to the shop: nothing else that may
        have been taken was asked for since the newest request that was."""
        asked = select(CallRow.kind, CallRow.outcome).where(
            CallRow.number == number,
            CallRow.kind.in_((ABNORMAL, ABNORMAL_SHOP)),
            CallRow.outcome.not_in(NOT_TAKEN),
        )
        with self.sessions() as session:
            found = session.execute(asked.order_by(CallRow.id)).all()
        taken = [place for place, (_kind, outcome) in enumerate(found) if outcome in TAKEN]
        return {kind for kind, _outcome in found[max(taken, default=0) :]} == {ABNORMAL_SHOP}

    def newest_submit(self, number: str) -> CallRow | None:
        """The last request under a number that this database knows of."""
        return self.newest(SUBMIT, number)

    def newest(self, kind: str, number: str) -> CallRow | None:
        """The last request of a kind under a number that this database knows of."""
        query = select(CallRow).where(CallRow.number == number, CallRow.kind == kind)
        with self.sessions() as session:
            return session.scalar(query.order_by(CallRow.call.desc()).limit(1))

    def _exchange(self, turn: Turn, what: Call, ask: Callable[[], Answer]) -> Answer | None:
        end = time.monotonic() + WHOLE_SECONDS
        with self.sessions.begin() as session:
            if not self._begin(session, turn, what):
                session.rollback()
                return None
        with ending_by(end):
            answer = ask()
        with self.sessions.begin() as session:
            now = self.turns.now(turn)
            session.execute(update(CallRow).where(*_key(what)).values(**answered(answer, now)))
            note(session, what.provider, answer, now)
        return answer

    def _begin(self, session: Session, turn: Turn, what: Call) -> bool:
        """False, and the caller takes all of it back: somebody else's turn, an exchange that was
        begun before, or a switch that was thrown meanwhile."""
        if not self.turns.renew(session, turn):
            return False
        now = self.turns.now(turn)
        if not write_down(session, turn, what, now):
            return False
        if what.kind == SUBMIT:
            note_sent(session, turn.refund_no, now)
        return what.kind not in MOVING or may_leave(session, what.provider)

    def _count(self, provider: str, kind: str, number: str) -> int:
        mine = CallRow.provider == provider, CallRow.kind == kind, CallRow.number == number
        with self.sessions() as session:
            return session.scalar(select(func.max(CallRow.call)).where(*mine)) or 0


def write_down(session: Session, turn: Turn, what: Call, now: datetime) -> bool:
    """False when this very exchange was begun before."""
    return insert_absent(
        session,
        CallRow,
        refund_no=turn.refund_no,
        case_no=turn.case_no,
        provider=what.provider,
        kind=what.kind,
        number=what.number,
        call=what.call,
        subject="",
        request_digest=what.digest,
        sent_at=now,
        status=0,
        raw=b"",
        verified=False,
        outcome="",
        code="",
    )


def answered(answer: Answer, now: datetime) -> dict[str, Any]:
    """The columns of an answer."""
    return {
        "answered_at": now,
        "status": answer.status,
        "raw": answer.raw[:KEPT],
        "verified": answer.verified,
        "outcome": answer.outcome.value,
        "code": answer.code[:128],
    }


def _key(what: Call) -> tuple[Any, ...]:
    return (
        CallRow.provider == what.provider,
        CallRow.kind == what.kind,
        CallRow.number == what.number,
        CallRow.call == what.call,
        CallRow.subject == "",
    )
