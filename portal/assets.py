"""Static files under names that change with their content.

Everything in ``portal/static`` is read once at start and served as
``/assets/<name>-<hash8>.<ext>``; the files of ``static/css`` are joined, in the order of their
names, into the one asset ``app.css``. A name never stands for two contents, so browsers may keep
an asset for ever. A script imports another by its plain name (``from "./proof.js"``) and is served
with the name that stands for the content.
"""

from __future__ import annotations

import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Response, abort, request

from portal.access import public

if TYPE_CHECKING:
    from flask import Flask

IMPORT = re.compile(rb'(?<= from ")\./([\w-]+\.js)(?=";)')
FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """One file as it is served: its public path below /assets/, bytes and media type."""

    path: str
    content: bytes
    media_type: str


def read_assets(folder: Path) -> dict[str, Asset]:
    """The assets of a folder by plain name, such as ``app.css`` or ``js/verify.js``."""
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.parent.name != "css"
    }
    sheets = sorted((folder / "css").glob("*.css"))
    files["app.css"] = b"\n".join(sheet.read_bytes() for sheet in sheets)
    return {name: _name_by_content(name, _link(name, files)) for name in files}


def _link(name: str, files: dict[str, bytes]) -> bytes:
    # From the leaves up: the name of an importing script changes with what it imports.
    def served_name(found: re.Match[bytes]) -> bytes:
        imported = f"js/{found[1].decode()}"
        path = _name_by_content(imported, _link(imported, files)).path
        return f"./{path.removeprefix('js/')}".encode()

    return IMPORT.sub(served_name, files[name]) if name.endswith(".js") else files[name]


def _name_by_content(name: str, content: bytes) -> Asset:
    stem, _, extension = name.rpartition(".")
    digest = hashlib.sha256(content).hexdigest()[:8]
    # A guess by the operating system's table differs between machines; text must say its charset.
    known = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}
    media_type = known.get(extension) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Asset(f"{stem}-{digest}.{extension}", content, media_type)


def serve_assets(app: Flask, folder: Path) -> None:
    """Add the route /assets/… and the template function ``asset(name)``."""
    assets = read_assets(folder)
    by_path = {asset.path: asset for asset in assets.values()}

    @public
    def send_asset(path: str) -> Response:
        asset = by_path.get(path) or abort(404)
        answer = Response(asset.content, content_type=asset.media_type)
        answer.headers["Cache-Control"] = FOR_EVER
        answer.add_etag()
        return answer.make_conditional(request)

    app.add_url_rule("/assets/<path:path>", "assets", send_asset)
    # A misspelt name is a KeyError while the page is drawn, not a 404 that nobody sees.
    app.jinja_env.globals["asset"] = lambda name: f"/assets/{assets[name].path}"
