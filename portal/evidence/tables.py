"""Files that were received and proven, before and after they become exhibits. Plain SQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import db


class Upload(db.Model):  # type: ignore[name-defined]
    """One file of one owner; the same bytes sent twice by an owner are the same upload.

    `owner` is "draft:<id>" or "case:<no>:<side>"; `file` and `picture` are FileRefs as JSON.
    """

    __tablename__ = "upload"
    __table_args__ = (UniqueConstraint("owner", "sha256"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(String(80))
    side: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(Text, default="")
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    file: Mapped[dict[str, Any]] = mapped_column(JSON)
    picture: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    duration_ms: Mapped[int | None]
    captured_at: Mapped[str | None] = mapped_column(String(40))
    received_at: Mapped[datetime]
