"""The engine, spoiled in the six ways in which such engines are usually wrong.

Each is applied in a child of its own, which never returns.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from portal.events import RefundState
from portal.providers.values import Outcome
from portal.refunds import beginning, calling, execution, hearing, reading, reserving, rules, turns
from portal.refunds.beginning import Asked
from portal.refunds.reading import Heard, Reading
from portal.refunds.state import Movement
from portal.refunds.transfers import transfer_of
from portal.refunds.turns import Rest, Turn
from portal.times import stamp


def new_number_per_retry() -> None:
    """What was not answered is asked for again under another number."""

    def again(self: Any, asked: Asked) -> Rest:
        transfer = transfer_of(asked.case, asked.movement)
        other = f"{asked.turn.refund_no}a{len(asked.movement.calls) + 1}"
        renamed = replace(transfer, number=other)
        return self._send(asked, renamed, asked.provider.prepare(renamed), ())

    def send_at_once(self: Any, asked: Asked) -> Rest:
        return again(self.beginning, asked)

    def read_any(movement: Movement, heard: Heard) -> Reading:
        return read(
            movement, replace(heard, answer=replace(heard.answer, number=movement.attempt_no))
        )

    read = reading.read
    hearing.read = read_any
    rules._check_same_bytes = lambda movement, step: None
    execution.Execution._ask = send_at_once  # type: ignore[method-assign]


def no_reserve() -> None:
    """Nothing is set aside, so two cases may spend one payment."""
    beginning.set_aside = lambda *_given: None
    beginning.heed_platform = lambda *_given: 0
    reserving._shift = lambda *_given, **_named: True


def post_before_call() -> None:
    """Booked as paid when it is asked for."""
    record = hearing.Hearing.record

    def early(self: Any, case_no: str, name: str, *steps: RefundState) -> bool:
        last = steps[-1]
        if last.state == "SUBMITTED":
            paid = RefundState(
                refund_no=last.refund_no,
                state="SUCCESS",
                amount_fen=last.amount_fen,
                attempt=last.attempt,
                provider=last.provider,
                provider_at=stamp(self.clock.now()),
                cash_fen=last.amount_fen,
            )
            steps = (*steps, paid)
        return record(self, case_no, name, *steps)

    hearing.Hearing.record = early  # type: ignore[method-assign]


def timeout_is_failure() -> None:
    """No answer is taken for a no, and a new attempt begins."""
    failed = reading._READ[Outcome.CLOSED]

    def unclear(movement: Movement, heard: Heard) -> Reading:
        return failed(movement, heard)

    reading._READ[Outcome.UNKNOWN] = unclear


def blind_retry() -> None:
    """The same number again, without asking first what became of it."""

    def send_again(self: Any, asked: Asked) -> Rest:
        return self.beginning.again(asked)

    execution.Execution._ask = send_again  # type: ignore[method-assign]


def no_claim() -> None:
    """Whoever finds a movement due works on it, whoever else does; nor do a call's row and the
    payment's minute between two requests keep the second one out."""
    insert = calling.write_down

    def everybody(self: Any, refund_no: str) -> Turn | None:
        with self.sessions() as session:
            row = session.get(turns.TurnRow, refund_no)
        due = row is not None and row.next_at is not None and row.next_at <= self.clock.now()
        return Turn(refund_no, row.case_no, row.version, row.wakes, timedelta(0)) if due else None

    def always(*given: Any) -> bool:
        insert(*given)
        return True

    turns.Turns.claim = everybody  # type: ignore[method-assign]
    turns.Turns.renew = lambda *_given: True  # type: ignore[method-assign]
    calling.write_down = always
    beginning.take_slot = lambda *_given: None
