"""What a person sees who opens a served log in a browser: what this is, and how to check it."""

from __future__ import annotations

from html import escape

HTML = "text/html; charset=utf-8"

_PAGE = """<!doctype html>
<html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{origin} · 存证账本 · evidence ledger</title>
<h1>{origin}</h1>
<p>这是一份只增不改的存证账本的公开文件。每份检查点由账本签名；任何人都可以下载全部文件，
自行核对有没有被改动、删除或者插入。内容已经加密，密钥不在这里。</p>
<p lang="en">These are the public files of an append-only evidence ledger. The log signs every
checkpoint; anybody may copy all files and check that nothing was changed, removed or put in
between. Contents are encrypted, and the keys are not here.</p>
<ul>
<li><a href="checkpoint">checkpoint</a> 最新检查点 the newest signed root
<li><a href="log.vkey">log.vkey</a> 公钥（请另从可信处取得）public keys (get them elsewhere too)
<li>tile/…, tile/entries/… 默克尔树与条目 the tree and the entries (C2SP tlog-tiles)
</ul>
<h2>保存一份副本 keep a copy</h2>
<pre>source = "{url}"
vkeys = ["…"]
folder = "copy"</pre>
<pre>python -m ledger mirror mirror.toml</pre>
</html>
"""


def render_front_page(origin: str, url: str) -> str:
    """The page as HTML."""
    return _PAGE.format(origin=escape(origin), url=escape(url))
