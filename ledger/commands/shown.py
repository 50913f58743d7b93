"""One entry as a person and as a program sees it, opened as far as there are keys.

    state    plain     everybody reads it
             open      sealed, and opened here
             sealed    the data key is in the store, but not for this machine to open
             erased    the data key is gone
             erasure   the entry that says which keys were destroyed

Nothing that is sealed is shown unless its digests stand in the entry (seal.py).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ledger.content import Content, read_content
from ledger.datakeys import DataKeys, KeyElsewhere
from ledger.encoding import to_base64
from ledger.entry import PLAIN, Entry
from ledger.erasure import erased_in
from ledger.errors import NotStored
from ledger.seal import open_entry
from ledger.stores.store import Store

ERASED = "content erased, place and chain intact"
_SEALED = "sealed; the key is not on this machine"


@dataclass(frozen=True)
class Shown:
    """Lines for people, facts for programs."""

    lines: list[str]
    facts: dict[str, Any]


def look(entry: Entry, keys: DataKeys | None, store: Store) -> Shown:
    """The entry, opened if it can be."""
    facts = _place(entry)
    lines = [f"entry {entry.index}, number {entry.seq} of stream {entry.stream}"]
    lines.append(f"  leaf hash {facts['leaf_hash']}")
    more = _plain(entry) if entry.kid == PLAIN else _sealed(entry, keys, store)
    return Shown(lines + more.lines, facts | more.facts)


def _place(entry: Entry) -> dict[str, Any]:
    return {
        "index": entry.index,
        "stream": entry.stream,
        "seq": entry.seq,
        "prev": entry.prev.hex(),
        "command": entry.command.hex(),
        "part": list(entry.part),
        "kid": entry.kid,
        "leaf_hash": entry.leaf_hash.hex(),
    }


def _plain(entry: Entry) -> Shown:
    if destroyed := erased_in(entry.raw):
        return Shown(
            [f"  records that data keys were destroyed: {', '.join(destroyed)}"],
            {"state": "erasure", "destroyed": list(destroyed)},
        )
    try:
        text = entry.payload.decode("utf-8")
    except UnicodeDecodeError:
        encoded = to_base64(entry.payload)
        return Shown([f"  base64: {encoded}"], {"state": "plain", "base64": encoded})
    lines = [f"  {_safe(line)}" for line in text.splitlines()]
    return Shown(lines, {"state": "plain", "text": text})


def _sealed(entry: Entry, keys: DataKeys | None, store: Store) -> Shown:
    content = read_content(entry)
    facts = {"type": content.type, "at": content.at, "blobs": list(content.blobs)}
    opened = _opened(entry, content, keys, store)
    return Shown([f"  {content.type}, {content.at}", *opened.lines], facts | opened.facts)


def _opened(entry: Entry, content: Content, keys: DataKeys | None, store: Store) -> Shown:
    try:
        store.size(f"keys/{entry.kid}")
        if keys is None:
            raise KeyElsewhere(_SEALED)
        fields = {field.name: field.value for field in open_entry(entry, keys.find(entry.kid))}
    except NotStored:
        return Shown([f"  {ERASED}"], {"state": "erased", "note": ERASED})
    except KeyElsewhere:
        text = f"{len(content.sd)} fields {_SEALED}"
        return Shown([f"  {text}"], {"state": "sealed", "note": text})
    lines = [f"  {_safe(name)}: {_safe(_text(value))}" for name, value in fields.items()]
    return Shown(lines, {"state": "open", "fields": fields})


def _text(value: object) -> str:
    return value.rstrip("\n") if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _safe(text: str) -> str:
    """Nothing that an entry says can move the cursor or look like a line of ours."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
