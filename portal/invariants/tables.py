"""What the nightly checks found. Not a projection: a run can be repeated, not re-derived."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import db


class InvariantRun(db.Model):  # type: ignore[name-defined]
    """One run. `log_size`: how many entries the rows held; `findings`: Finding's fields by name.

    `whole`: every case was looked at; otherwise those whose money moved since the run before.
    """

    __tablename__ = "invariant_run"

    made_at: Mapped[datetime] = mapped_column(primary_key=True)
    log_size: Mapped[int] = mapped_column(BigInteger)
    whole: Mapped[bool]
    broken: Mapped[int]
    findings: Mapped[list[Any]] = mapped_column(JSON)
