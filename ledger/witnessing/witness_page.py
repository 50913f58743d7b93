"""What a person sees who opens a witness in a browser: which logs, how far, signed when."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

from ledger.checkpoint import Checkpoint, read_cosignatures
from ledger.note import Cosigner
from ledger.witnessing.witness import WatchedLog
from ledger.witnessing.witness_state import Witness

HTML = "text/html; charset=utf-8"

_PAGE = """<!doctype html>
<html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{name} · 见证 · witness</title>
<h1>{name}</h1>
<p>本见证人只签署前后一致的日志：已签署过的历史若被改动，不再签署。</p>
<p lang="en">This witness signs a log only while it continues what was signed before.
A history that was changed gets no signature.</p>
<table border="1" cellpadding="6">
<tr><th>日志 log<th>条数 entries<th>最近签署 last signed<th>检查点 checkpoint</tr>
{rows}
</table>
<h2>公钥 public keys</h2>
{keys}
</html>
"""


def render_page(witness: Witness) -> str:
    """The page as HTML."""
    rows = "\n".join(_row(log, witness.latest(log), witness.cosigner) for log in witness.logs)
    keys = "\n".join(_key(verifier.vkey) for verifier in witness.cosigner.verifiers)
    return _PAGE.format(name=escape(witness.cosigner.name), rows=rows, keys=keys)


def _row(log: WatchedLog, signed: Checkpoint | None, cosigner: Cosigner) -> str:
    origin = f"<td>{escape(log.origin)}"
    if signed is None:
        return f"<tr>{origin}<td colspan=3>尚未签署 nothing signed yet</tr>"
    at = read_cosignatures(signed.text, cosigner.verifiers)[0].at
    when = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    link = f'<a href="/{log.digest}/checkpoint">{log.digest[:12]}…</a>'
    return f"<tr>{origin}<td>{signed.size}<td>{when}<td>{link}</tr>"


def _key(vkey: str) -> str:
    return f'<p><textarea readonly rows="3" cols="64">{escape(vkey)}</textarea></p>'
