"""How values are shown to people: money, times, digests. Pure but for the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeGuard

from flask_babel import get_locale, gettext, ngettext

from portal.words import CARRIERS, SIDE_LETTERS

# China has had one time zone and no summer time since 1991, so a fixed offset is exact.
BEIJING = timezone(timedelta(hours=8))
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2})")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def read_time(value: datetime | str) -> datetime:
    """A datetime or RFC 3339 text as an aware time; one without zone is taken as UTC."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def yuan(fen: int) -> str:
    """Integer fen as ``¥1,234.00``; no space, so that sign and figure never part on two lines."""
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def moment(value: datetime | str, year: bool = False) -> str:
    """Beijing date and time without naming the zone: ``11月23日 07:10`` or ``23 Nov 07:10``."""
    return f"{day(value, year)} {read_time(value).astimezone(BEIJING):%H:%M}"


def day(value: datetime | str, year: bool = False) -> str:
    """Beijing date: ``11月23日`` or ``23 Nov``; with the year on request."""
    at = read_time(value).astimezone(BEIJING)
    if in_english():
        return f"{at.day} {MONTHS[at.month - 1]}" + (f" {at.year}" if year else "")
    return (f"{at.year}年" if year else "") + f"{at.month}月{at.day}日"


def when(value: datetime | str, year: bool = False) -> str:
    """Beijing date and time that names its zone, for deadlines and everything of weight."""
    return moment(value, year) + (" (Beijing time)" if in_english() else "（北京时间）")


def time_of_day(value: datetime | str) -> str:
    """Beijing time to the second, for what was said on air: ``20:39:12``."""
    return f"{read_time(value).astimezone(BEIJING):%H:%M:%S}"


def spoken(message: str, params: Mapping[str, object]) -> str:
    """A refusal's sentence in the reader's language: times of the record become Beijing time,
    numbers of exhibits what people call them."""
    return gettext(message, **{name: _told(value) for name, value in params.items()})


def _told(value: object) -> object:
    if isinstance(value, tuple):
        return " ".join(map(exhibit_label, value))
    return when(value) if _is_time(value) else value


def exhibit_label(number: str) -> str:
    """B1 as people read it: the side's letter and the number."""
    return gettext(SIDE_LETTERS[number[0]]) + number[1:]


def carrier(written: str) -> str:
    """A carrier as people call it, from a code or a name; any other as it was written."""
    name = CARRIERS.get(written.lower(), written)
    return gettext(name) if name in CARRIERS.values() else name


def awaited(missing: Iterable[str]) -> str:
    """What an opening waits for: trustees by name, a sealed file by its seat, the tables."""
    return gettext("、").join(map(_awaited, missing))


def _awaited(name: str) -> str:
    if name == "RECORDS":
        return gettext("和存证一致的数据库")
    if name.startswith("BALLOT/"):
        return gettext("第 %(n)s 席的封存文件", n=name.removeprefix("BALLOT/"))
    return name


def _is_time(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and bool(_STAMP.fullmatch(value))


def iso(value: datetime | str) -> str:
    """UTC with Z, for the datetime attribute of <time> and for scripts."""
    return read_time(value).astimezone(UTC).isoformat().replace("+00:00", "Z")


def clock_ms(milliseconds: int) -> str:
    """A place in a recording: 55555 -> ``00:55``; from one hour on ``1:02:03``."""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes:02d}:{seconds:02d}"


def short(digest: str, ends: int = 4) -> str:
    """Both ends of a long digest, ``9c1e…04af``; the page keeps the whole one in a title."""
    return digest if len(digest) <= 2 * ends + 1 else f"{digest[:ends]}…{digest[-ends:]}"


def left(due_at: datetime | str, now: datetime | str) -> str:
    """The time between two moments in its two largest units, or that it has passed."""
    minutes = int(seconds_after(due_at, now) // 60)
    return gettext("时间已到") if minutes < 0 else gettext("还有 %(span)s", span=span(minutes))


def seconds_after(value: datetime | str, other: datetime | str) -> float:
    """Seconds from the other moment to this one; negative when this one is earlier."""
    return (read_time(value) - read_time(other)).total_seconds()


def span(minutes: int) -> str:
    """Whole minutes in words: ``1 天 1 小时``, ``20 小时``, ``8 分钟``."""
    days, rest = divmod(minutes, 1440)
    hours, rest = divmod(rest, 60)
    words = [
        ngettext("%(num)d 天", "%(num)d 天", days) if days else "",
        ngettext("%(num)d 小时", "%(num)d 小时", hours) if hours else "",
        ngettext("%(num)d 分钟", "%(num)d 分钟", rest) if not days and (rest or not hours) else "",
    ]
    return " ".join(word for word in words if word)


def in_english() -> bool:
    """Whether the reader's pages are in English."""
    return str(get_locale() or "zh").startswith("en")


def percent(basis_points: int) -> str:
    """``6667`` -> ``66.67%``, ``5000`` -> ``50%``."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + "%" if rest else f"{whole}%"


FILTERS = {
    "awaited": awaited,
    "carrier": carrier,
    "percent": percent,
    "yuan": yuan,
    "when": when,
    "moment": moment,
    "day": day,
    "time_of_day": time_of_day,
    "iso": iso,
    "clock_ms": clock_ms,
    "short": short,
    "left": left,
    "span": span,
    "seconds_after": seconds_after,
}
