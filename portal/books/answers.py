"""A statement to a browser, as a file."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response

from portal.books.csvfile import csv_lines
from portal.books.statements import Period, all_lines
from portal.house import house
from portal.spreadsheet import answer_csv


def send_statement(account: str, period: Period) -> Response:
    """Every line of a period, read and sent in chunks. The caller has checked who asks."""
    kind = account.partition(":")[0]
    return answer_csv(_stream(account, period), f"{kind}.csv")


def _stream(account: str, period: Period) -> Iterator[str]:
    with house().sessions() as session:
        yield from csv_lines(all_lines(session, account, period))
