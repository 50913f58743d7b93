"""A bill that a person downloaded: the same readers, from a file."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from datetime import date
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from portal.providers.alipay.bills import read_bill as read_alipay
from portal.providers.calling import MOST_BILL_BYTES
from portal.providers.values import Bill, Forged, NotAvailable
from portal.providers.wechat.bills import read_bill as read_wechat

_CHUNK = 1 << 16
LIKE_WECHAT = ("wechat", "douyin")


def bill_in(provider: str, day: date, path: Path) -> Bill:
    """The bill in a file as it was downloaded, gzip or not. Its own totals vouch for it. Raises
    Forged, NotAvailable for a provider that gives none."""
    if provider not in (*LIKE_WECHAT, "alipay"):
        raise NotAvailable(f"{provider} gives no bill of a day")
    plain = TemporaryFile()  # noqa: SIM115 - closed when its last row was read
    try:
        digest = _copy(path, plain)
        if provider == "alipay":
            return read_alipay(day, plain)
        return read_wechat(provider, day, digest, plain)
    except BaseException:
        plain.close()
        raise


def _copy(path: Path, target: IO[bytes]) -> str:
    """Write it out unpacked; the hex SHA-256 of what was written."""
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    digest, size = hashlib.sha256(), 0
    try:
        with gzip.open(path, "rb") if zipped else path.open("rb") as source:
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                if size > MOST_BILL_BYTES:
                    raise Forged("the bill is too long")
                digest.update(chunk)
                target.write(chunk)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise Forged("the bill is not gzip") from None
    target.seek(0)
    return digest.hexdigest()
