"""A list as a file for a spreadsheet: CSV in UTF-8 with its mark, amounts in yuan.

Numbers of cases and movements, states and names come from elsewhere, so a cell that a spreadsheet
could take for a formula gets an apostrophe in front (OWASP, CSV injection); full-width signs too,
which some spreadsheets read as the others.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from flask import Response, stream_with_context

from portal.formats import BEIJING

MARK = "\ufeff"  # without it a spreadsheet takes UTF-8 for something else
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)


def as_csv(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """The file in pieces, a row each, so that a long list needs no memory."""
    yield MARK + _line(heads)
    for row in rows:
        yield _line(row)


def answer_csv(lines: Iterator[str], name: str) -> Response:
    """The file as a download, sent while it is read; phones are shared, so it is not kept."""
    answer = Response(stream_with_context(lines), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def beijing_time(at: datetime | None) -> str:
    """A cell with a time, to the second; empty for none."""
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}" if at else ""


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(map(_harmless, cells))
    return out.getvalue()


def _harmless(cell: str) -> str:
    is_formula = cell.startswith(FORMULA) and not _NUMBER.fullmatch(cell)
    return f"'{cell}" if is_formula else cell
