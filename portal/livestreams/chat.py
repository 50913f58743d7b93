"""The live chat as the platform exports it: CSV in UTF-8, one message a line."""

from __future__ import annotations

import csv
import io

from portal.errors import BadInput
from portal.errors import sentence as _
from portal.times import moment

HEADER = ["time", "offset_ms", "user", "role", "text"]
MAX_BYTES = 64 << 20
FIELD = "chat"


def check_chat(content: bytes) -> None:
    """Raise BadInput, naming the line, for anything that is not such a file."""
    if len(content) > MAX_BYTES:
        raise BadInput(FIELD, _("内容太大，最多 %(most)s MB"), most=MAX_BYTES >> 20)
    try:
        rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        if next(rows, None) != HEADER:
            raise BadInput(FIELD, _("第一行应当是 %(header)s"), header=",".join(HEADER))
        for line, row in enumerate(rows, 2):
            if row and not _fits(row):
                raise BadInput(FIELD, _("第 %(line)s 行不合格式"), line=line)
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(FIELD, _("不是 UTF-8 的 CSV 文件")) from error


def _fits(row: list[str]) -> bool:
    return len(row) == len(HEADER) and row[1].isdecimal() and _is_time(row[0])


def _is_time(text: str) -> bool:
    try:
        moment(text)
    except ValueError:
        return False
    return True
