"""Small PDF documents written by hand, so that a test can hide things in them."""

from __future__ import annotations

import zlib
from pathlib import Path

PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] >>"
SCRIPT = b"<< /S /JavaScript /JS (app.alert\\(1\\);) >>"


def plain_pdf(catalog: bytes, *objects: bytes) -> bytes:
    """Objects 1 (catalog with these extra keys), 2 (pages), 3 (page), 4 and on (given)."""
    root = b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog
    body, places = b"%PDF-1.7\n", []
    for number, content in enumerate((root, PAGES, PAGE, *objects), 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(places) + 1
    return body + (
        b"xref\n0 %d\n0000000000 65535 f \n%s"
        b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    ) % (count, table, count, len(body))


def packed_pdf(catalog: bytes, *objects: bytes) -> bytes:
    """The same document with every object inside a compressed object stream."""
    root = b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog
    inner = (root, PAGES, PAGE, *objects)
    offsets, content = [], b""
    for number, one in enumerate(inner, 1):
        offsets.append(b"%d %d" % (number, len(content)))
        content += one + b" "
    head = b" ".join(offsets) + b" "
    stream_no, table_no = len(inner) + 1, len(inner) + 2
    keys = b"/Type /ObjStm /N %d /First %d" % (len(inner), len(head))
    body = b"%PDF-1.7\n"
    stream_at = len(body)
    body += b"%d 0 obj\n%s\nendobj\n" % (stream_no, _stream(keys, head + content))
    table_at = len(body)
    rows = [b"\0\0\0\0\0"]
    rows += [b"\2" + stream_no.to_bytes(3, "big") + bytes([place]) for place in range(len(inner))]
    rows += [b"\1" + at.to_bytes(3, "big") + b"\0" for at in (stream_at, table_at)]
    keys = b"/Type /XRef /Size %d /W [1 3 1] /Root 1 0 R" % (table_no + 1)
    body += b"%d 0 obj\n%s\nendobj\n" % (table_no, _stream(keys, b"".join(rows)))
    return body + b"startxref\n%d\n%%%%EOF\n" % table_at


def write(folder: Path, content: bytes) -> Path:
    path = folder / "upload"
    path.write_bytes(content)
    return path


def _stream(keys: bytes, content: bytes) -> bytes:
    packed = zlib.compress(content)
    return b"<< %s /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (
        keys,
        len(packed),
        packed,
    )
