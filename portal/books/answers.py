"""A statement to a browser, as a file."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response, stream_with_context

from portal.books.csvfile import csv_lines
from portal.books.statements import Period, all_lines
from portal.house import house


def send_statement(account: str, period: Period) -> Response:
    """Every line of a period, read and sent in chunks. The caller has checked who asks."""
    kind = account.partition(":")[0]
    answer = Response(stream_with_context(_stream(account, period)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{kind}.csv"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _stream(account: str, period: Period) -> Iterator[str]:
    with house().sessions() as session:
        yield from csv_lines(all_lines(session, account, period))
