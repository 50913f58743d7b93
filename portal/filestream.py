"""Stored files to browsers: decrypted piece by piece, by range, and never trusted.

A file that somebody uploaded is answered under a policy that lets it do nothing: no script, no
frame, no sniffing. Only what we encoded ourselves (WebP) and video/mp4 may be shown in place;
everything else is a download.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import chain
from urllib.parse import quote

from flask import Response, request
from werkzeug.exceptions import ServiceUnavailable

from ledger import LedgerError
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.events import FileRef
from portal.files import Files
from portal.keyring import KeyDestroyed

PIECE_BYTES = 1 << 20
SHOWN = frozenset({"image/webp", "video/mp4"})
HARMLESS = {
    # A recording opened in a tab of its own plays: media-src lets it, and an origin of its own, as
    # a bare sandbox gives, would be refused its second request. No script runs either way.
    "Content-Security-Policy": (
        "sandbox allow-same-origin; default-src 'none'; media-src 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",  # phones are shared
    "Accept-Ranges": "bytes",
}


def answer_file(files: Files, ref: FileRef, name: str) -> Response:
    """The file, or the range of it that was asked for (RFC 9110 section 14)."""
    wanted = _range(ref)
    if wanted is None:
        return Response(status=416, headers={**HARMLESS, "Content-Range": f"bytes */{ref.size}"})
    start, stop = wanted
    partial = (start, stop) != (0, ref.size) or _asks_range(ref)
    response = Response(_content(files, ref, start, stop), 206 if partial else 200, HARMLESS)
    response.headers["Content-Type"] = ref.media_type
    response.headers["Content-Length"] = str(stop - start)
    response.headers["ETag"] = f'"{ref.sha256}"'
    response.headers["Content-Disposition"] = _disposition(ref.media_type, name)
    if partial:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{ref.size}"
    return response


def _content(files: Files, ref: FileRef, start: int, stop: int) -> Iterator[bytes]:
    """The first piece is read before the answer begins: a failure still has its own page."""
    pieces = _pieces(files, ref, start, stop)
    try:
        first = next(pieces, b"")
    except KeyDestroyed:
        raise NotFound(_("这个文件的内容已经销毁，只留下指纹")) from None
    except LedgerError as error:
        raise ServiceUnavailable from error
    return chain((first,), pieces)


def _pieces(files: Files, ref: FileRef, start: int, stop: int) -> Iterator[bytes]:
    for at in range(start, stop, PIECE_BYTES):
        yield files.read(ref, at, min(PIECE_BYTES, stop - at))


def _asks_range(ref: FileRef) -> bool:
    """One range of bytes, of this very file; several ranges are answered with the whole."""
    asked, condition = request.range, request.if_range
    same = condition.date is None and condition.etag in (None, ref.sha256)
    return asked is not None and asked.units == "bytes" and len(asked.ranges) == 1 and same


def _range(ref: FileRef) -> tuple[int, int] | None:
    """First byte and the one after the last; None when nothing of the file is wanted."""
    if not _asks_range(ref):
        return 0, ref.size
    assert request.range is not None, "asked and not asked"
    first, end = request.range.ranges[0]
    start = max(0, ref.size + first) if first < 0 else first
    stop = ref.size if end is None else min(end, ref.size)
    return (start, stop) if start < stop else None


def _disposition(media_type: str, name: str) -> str:
    """RFC 6266: a plain name for old readers, the real one beside it."""
    how = "inline" if media_type in SHOWN else "attachment"
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = plain.replace("\\", "_").replace('"', "_") or "file"
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
