"""A provider's notification. It changes nothing unless it is signed, fresh, meant for us, about a
number of ours and of the same amount; the same one again is acknowledged and changes nothing.
What it makes us write down when it is none of that has a limit (strangers.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from portal.inserting import insert_absent
from portal.monitors.items import count_item, open_item
from portal.providers.values import Forged, Notice, Provider
from portal.refunds.calling import KEPT, NOTICE, answered
from portal.refunds.hearing import About, Hearing
from portal.refunds.strangers import FORGED, UNKNOWN, Strangers
from portal.refunds.tables import CallRow, MovementRow

MOST_BYTES = 64 * 1024
KEPT_OF_STRANGERS = 4 * 1024
_ATTEMPT = re.compile(r"(R[0-9A-Za-z]{1,30})a[1-9][0-9]{0,3}")


@dataclass(frozen=True)
class Notices:
    hearing: Hearing
    sessions: sessionmaker[Session]
    strangers: Strangers

    def take(self, provider: Provider, headers: Mapping[str, str], content: bytes) -> None:
        """Act on a notification once. Raises Forged, after an item was opened."""
        now = self.hearing.clock.now()
        try:
            notice = provider.read_notice(headers, content, now)
        except Forged as error:
            self._count_forged(provider, str(error))
            raise
        if self._is_known(provider, notice):
            return
        about = self._about(provider, notice)
        if about is not None:
            self.hearing.notice(about, notice.answer)
        elif self.strangers.count(UNKNOWN, provider.name, now):
            self._alarm(f"{provider.name}/{notice.answer.number}", notice.id)
        else:
            return
        self._keep(provider, notice, about)

    def _is_known(self, provider: Provider, notice: Notice) -> bool:
        same = CallRow.provider == provider.name, CallRow.subject == notice.id[:128]
        known = select(CallRow.id).where(
            *same, CallRow.kind == NOTICE, CallRow.number == notice.answer.number[:64]
        )
        with self.sessions() as session:
            return session.scalar(known) is not None

    def _about(self, provider: Provider, notice: Notice) -> About | None:
        """The movement of the number, if it is one of ours at this provider."""
        found = _ATTEMPT.fullmatch(notice.answer.number)
        if found is None:
            return None
        with self.sessions() as session:
            row = session.get(MovementRow, found[1])
        if row is None or row.channel != provider.name:
            return None
        return About(row.case_no, row.refund_no, provider)

    def _keep(self, provider: Provider, notice: Notice, about: About | None) -> None:
        """Last: a notice whose effect was lost in a crash is acted on when it comes again."""
        now = self.hearing.clock.now()
        row = {
            "refund_no": about.refund_no if about else "",
            "case_no": about.case_no if about else "",
            "provider": provider.name,
            "kind": NOTICE,
            "number": notice.answer.number[:64],
            "call": 0,
            "subject": notice.id[:128],
            "request_digest": "",
            "sent_at": now,
            **answered(notice.answer, now),
            "raw": notice.answer.raw[: KEPT if about else KEPT_OF_STRANGERS],
        }
        with self.sessions.begin() as session:
            insert_absent(session, CallRow, **row)

    def _alarm(self, subject: str, note: str) -> None:
        with self.sessions.begin() as session:
            open_item(session, UNKNOWN, subject, note=note, now=self.hearing.clock.now())

    def _count_forged(self, provider: Provider, why: str) -> None:
        now = self.hearing.clock.now()
        times = self.strangers.count(FORGED, provider.name, now)
        if times:
            with self.sessions.begin() as session:
                count_item(session, FORGED, provider.name, times, why, now)
