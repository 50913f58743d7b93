"""Times as texts: the form in which the ledger, the API and the database keep them."""

from __future__ import annotations

from datetime import UTC, datetime


def stamp(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds and Z, the form of every time in the ledger."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """An aware UTC datetime from an RFC 3339 text; ValueError on anything else."""
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError("time without an offset")
    try:
        return parsed.astimezone(UTC)
    except OverflowError:  # the first and last day of the calendar, seen from another zone
        raise ValueError("time outside the calendar") from None
